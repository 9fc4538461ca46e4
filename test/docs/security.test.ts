// docs/security.md names a test for each of its lines.
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

const tests = readdirSync('test', { recursive: true })
  .map(String)
  .filter((f) => f.endsWith('.test.ts'));

test('every test that the table names is there', () => {
  const rows = readFileSync('docs/security.md', 'utf8').match(/^\|.*\|$/gm) ?? [];
  const names = rows.flatMap((row) =>
    [
      ...row
        .split('|')
        .at(-2)!
        .matchAll(/`([\w/-]+)`/g),
    ].map((m) => m[1]!),
  );
  assert.ok(names.length > 20, `${names.length} names`);
  assert.equal(
    names.filter((name) => !tests.some((f) => f.includes(name))),
    [],
  );
});

test.run();
