// The customers' page as it is in the router's bundle.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { stop } from 'esbuild';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { languageNames, loaders } from '../../src/web/locales.js';
import { withKeys } from '../../src/web/with-keys.js';

/** What the page may add to the installed package, in bytes. */
const mostBytes = 120_000;

const load = (file: string) => import(pathToFileURL(resolve(file)).href);
const { bundleRouter } = (await load('build.mjs')) as {
  bundleRouter(outdir: string): Promise<{ metafile: object }>;
};
const { pageBytes, withoutKeys } = (await load('page-bundle.mjs')) as {
  pageBytes(metafile: object): number;
  withoutKeys(path: string): Promise<string>;
};

const dir = mkdtempSync(join(tmpdir(), 'turnpike-'));
test.after(() => {
  rmSync(dir, { recursive: true });
  return stop();
});

test('a customer reads in the bundle what the catalogue of their language says', async () => {
  for (const language of Object.keys(languageNames).filter((one) => one !== 'en')) {
    const module = await withoutKeys(resolve(`src/web/languages/${language.toLowerCase()}.ts`));
    const sentences = /withKeys\((".*")\)/.exec(module)![1]!;
    assert.equal(withKeys(JSON.parse(sentences)), await loaders[language]!(), language);
  }
});

test('a catalogue that lacks a sentence, or breaks a line, is not bundled', async () => {
  writeFileSync(join(dir, 'en.ts'), "export const en = { yes: 'Yes', no: 'No' };\n");
  for (const words of ["{ yes: 'Ja' }", "{ yes: 'Ja', no: 'Ne\\nin' }", "{ yes: '', no: 'Nein' }"]) {
    const file = join(dir, `${words.length}.ts`);
    writeFileSync(file, `export const de = ${words};\n`);
    const refused = await withoutKeys(file).catch((cause: Error) => cause.message);
    assert.match(refused, /: (?:yes|no) is no sentence of one line$/);
  }
});

test('the page adds at most 120 kB to the package', async () => {
  const { metafile } = await bundleRouter(join(dir, 'dist'));
  const bytes = pageBytes(metafile);
  assert.ok(bytes > 80_000 && bytes <= mostBytes, `${bytes} bytes`);
});

test.run();
