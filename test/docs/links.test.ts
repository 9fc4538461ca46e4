// What the documents lead to is there.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { anchorsOf, codeIn, documents, proseOf, targetsOf } from './documents.js';

/** A link within the project: its file, and the anchor in it. */
interface Inside {
  readonly path: string;
  readonly anchor: string | undefined;
}

function insideOf(file: string, target: string): Inside | undefined {
  if (/^[a-z]+:/.test(target)) return undefined;
  const [path, anchor] = target.split('#');
  return { path: path === '' ? file : normalize(join(dirname(file), path!)), anchor };
}

const files = documents();

test('every link within the project leads to a file or a folder of it', () => {
  let checked = 0;
  for (const file of files) {
    for (const target of targetsOf(file)) {
      const inside = insideOf(file, target);
      if (!inside) continue;
      checked += 1;
      assert.ok(!inside.path.startsWith('..') && existsSync(inside.path), `${file}: ${target}`);
    }
  }
  assert.ok(checked > 80, `${checked} links`);
});

test('every anchor is that of a heading', () => {
  let checked = 0;
  for (const file of files) {
    for (const target of targetsOf(file)) {
      const { path, anchor } = insideOf(file, target) ?? {};
      if (path === undefined || anchor === undefined) continue;
      checked += 1;
      assert.ok(anchorsOf(path).includes(anchor), `${file}: there is no heading #${anchor} in ${path}`);
    }
  }
  assert.ok(checked > 20, `${checked} anchors`);
});

test('every document is led to from the README, or from one that is', () => {
  const reached = new Set<string>();
  const visit = (file: string) => {
    if (reached.has(file) || !file.endsWith('.md')) return;
    reached.add(file);
    for (const target of targetsOf(file)) {
      const inside = insideOf(file, target);
      if (inside && existsSync(inside.path) && statSync(inside.path).isFile()) visit(inside.path);
    }
  };
  visit('README.md');
  assert.equal(
    files.filter((file) => !reached.has(file) && !file.startsWith('packages')),
    [],
  );
});

test('a command of npm that a document names is there', () => {
  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: object };
  let checked = 0;
  for (const file of files) {
    const text = `${proseOf(file)}\n${readFileSync(file, 'utf8')}`;
    for (const [, name] of text.matchAll(/npm run ([a-z][a-z:]*)/g)) {
      checked += 1;
      assert.ok(name! in scripts, `${file}: npm run ${name}`);
    }
  }
  assert.ok(checked > 20, `${checked} commands`);
});

test('a test that the security document names is there', () => {
  const tests = readdirSync('test', { recursive: true })
    .map(String)
    .filter((file) => file.endsWith('.test.ts'));
  const rows = proseOf('docs/security.md').match(/^\| .* \|$/gm) ?? [];
  const named = rows.flatMap((row) =>
    [
      ...row
        .split('|')
        .at(-2)!
        .matchAll(/`([^`]+)`/g),
    ].map((m) => m[1]!),
  );
  assert.ok(named.length > 25, `${named.length}`);
  for (const name of named)
    assert.ok(
      tests.some((file) => file.includes(name)),
      `no test is ${name}`,
    );
});

test('a file or folder that the architecture names is there', () => {
  const paths = codeIn('docs/ARCHITECTURE.md').filter((text) =>
    /^(?:src|test|packages|workers|luci-app|docs)\/[\w./-]+$/.test(text),
  );
  assert.ok(paths.length > 20, `${paths.length} paths`);
  const real = paths.filter((path) => !/\bNAME\b/.test(path));
  for (const path of real) assert.ok(existsSync(path), `docs/ARCHITECTURE.md: ${path}`);
});

test.run();
