// Whose code is in a bundle, and under which licence it may be passed on.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

interface Bundled {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  readonly text: string;
}
interface Licences {
  foldersIn(outputs: readonly object[]): string[];
  packagesIn(root: string, folders: readonly string[]): Bundled[];
  licencesOf(own: string, packages: readonly Bundled[]): string;
}

const { foldersIn, packagesIn, licencesOf } = (await import(
  pathToFileURL(resolve('licences.mjs')).href
)) as Licences;

const root = mkdtempSync(join(tmpdir(), 'turnpike-'));
test.after(() => rmSync(root, { recursive: true }));

function install(folder: string, described: object, files: Readonly<Record<string, string>>): string {
  mkdirSync(join(root, folder), { recursive: true });
  writeFileSync(join(root, folder, 'package.json'), JSON.stringify({ version: '1.0.0', ...described }));
  for (const [file, text] of Object.entries(files)) writeFileSync(join(root, folder, file), text);
  return folder;
}

test('every package of which something is bundled is found, also one inside another', () => {
  const inputs = {
    'src/main.ts': { bytesInOutput: 10 },
    'node_modules/a/lib/a.js': { bytesInOutput: 10 },
    'node_modules/@s/b/node_modules/@t/c/c.js': { bytesInOutput: 1 },
    'node_modules/unused/index.js': { bytesInOutput: 0 },
  };
  assert.equal(foldersIn([{ inputs }]), ['node_modules/a', 'node_modules/@s/b/node_modules/@t/c']);
});

test('a package without a licence or without its text is not bundled', () => {
  const silent = install('silent', { name: 'silent' }, { LICENSE: 'a text' });
  const bare = install('bare', { name: 'bare', license: 'MIT' }, { 'README.md': 'MIT' });
  assert.throws(() => packagesIn(root, [silent]), 'silent has no licence');
  assert.throws(() => packagesIn(root, [bare]), 'bare has no licence');
});

test('a licence’s text stands there once for all who have it, and a notice stands with its licence', () => {
  const folders = [
    install('one', { name: 'one', license: 'MIT' }, { 'license.md': 'Copyright (c) Ada\r\nMIT' }),
    install('two', { name: 'two', license: 'MIT' }, { LICENSE: 'Copyright (c) Ada\nMIT\n' }),
    install('three', { name: 'three', license: 'Apache-2.0' }, { LICENSE: 'Apache', NOTICE: 'by Eve' }),
  ];
  const text = licencesOf('Our own\n', packagesIn(root, [...folders, 'one']));
  assert.match(text, /^turnpike .*\n\nOur own\n/);
  assert.match(text, 'one 1.0.0 (MIT)\ntwo 1.0.0 (MIT)\n\nCopyright (c) Ada\nMIT\n');
  assert.match(text, 'three 1.0.0 (Apache-2.0)\n\nApache\n\nby Eve\n');
  assert.is(text.split('Copyright (c) Ada').length, 2);
});

test.run();
