// The README is a page: short, with commands that work, figures that were measured, and pictures that load fast.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { documents, targetsOf } from './documents.js';

const readme = readFileSync('README.md', 'utf8');

test('it has 10 kB at the most', () => {
  assert.ok(Buffer.byteLength(readme) <= 10_000, `${Buffer.byteLength(readme)} bytes`);
});

test('set-up is two commands, a line for each', () => {
  const [, block] = /```sh\n(.*?)```/s.exec(readme)!;
  assert.is(block, 'npm ci && npm run demo\nnpm ci && npm test\n');
});

test('its figures of the benchmark are those of the last whole run', () => {
  const measured = readFileSync('bench/README.md', 'utf8');
  const rows = readme
    .split('## Fast enough')[1]!
    .match(/^\| .*[^-:|] \| [^|]*\d[^|]* \|$/gm)!
    .slice(-5);
  assert.is(rows.length, 5);
  for (const row of rows) assert.ok(measured.includes(row.replace(/\|$/, '').trimEnd()), row);
  const { date } = JSON.parse(readFileSync('bench/latest.json', 'utf8')) as { date: string };
  assert.ok(readme.includes(`measured on ${date.slice(0, 10)}`), `of ${date}`);
});

test('its figures of reliability are those of that document', () => {
  const reliability = readFileSync('docs/reliability.md', 'utf8');
  for (const figure of ['2,891 orders', '10 to 30 MB', '5 kB', '53,084 sessions', '539 GB']) {
    assert.ok(readme.includes(figure) && reliability.includes(figure), figure);
  }
});

test('pictures are small, and each is shown somewhere', () => {
  const pictures = readdirSync('docs/pictures').filter((file) => file.endsWith('.png'));
  const bytes = pictures.reduce((sum, file) => sum + statSync(join('docs/pictures', file)).size, 0);
  assert.ok(pictures.length >= 3 && bytes <= 120_000, `${pictures.length} pictures of ${bytes} bytes`);
  const shown = documents()
    .flatMap(targetsOf)
    .map((target) => target.split('/').at(-1));
  assert.equal(
    pictures.filter((file) => !shown.includes(file)),
    [],
  );
});

test.run();
