// What an owner is told of the files of the customers' page.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { pageHints } from '../../src/wiring/page-hints.js';
import { certificates } from '../web/certificates.js';

const test = suite<{ dir: string }>('hints of the page');
test.before.each((c) => {
  c.dir = mkdtempSync(join(tmpdir(), 'turnpike-hints-'));
});
test.after.each((c) => rmSync(c.dir, { recursive: true }));

function hintsOf(files: Record<string, string>): string[] {
  const usual = { accent: '#0b5fc0', language: [], listen: [] };
  return pageHints({ web: { ...usual, ...files } as never });
}

function put(dir: string, name: string, text: string): string {
  const file = join(dir, name);
  writeFileSync(file, text);
  return file;
}

const { 'old.example.net': old, 'new.example.net': fresh } = certificates;

test('a certificate and its key are fine, and without a page there is nothing to say', ({ dir }) => {
  const files = { certificate: put(dir, 'cert', old.cert), key: put(dir, 'key', old.key) };
  assert.equal(hintsOf(files), []);
  assert.equal(pageHints({}), []);
});

test('a key of another certificate, a mixed-up pair and a file that is not there are said in words', ({
  dir,
}) => {
  const [cert, key, none] = [put(dir, 'cert', old.cert), put(dir, 'key', fresh.key), join(dir, 'none')];
  const said = (certificate: string, its: string) => hintsOf({ certificate, key: its }).join();
  assert.is(
    said(cert, key),
    `page: there is no HTTPS: ${key} is not the key of the first certificate in ${cert}`,
  );
  assert.is(said(key, cert), `page: there is no HTTPS: ${key} is no certificate in PEM`);
  assert.is(
    said(cert, cert),
    `page: there is no HTTPS: ${cert} is no private key in PEM, or needs a password`,
  );
  assert.is(said(none, key), `page: there is no HTTPS: ${none}: no such file or directory`);
});

test('a logo of another kind, and terms that are not there, are named', ({ dir }) => {
  const [logo, terms] = [put(dir, 'logo.gif', 'x'), join(dir, 'terms.txt')];
  assert.equal(hintsOf({ logo, terms }), [
    `page: ${logo} cannot be shown: its name has to end with .png, .jpg, .webp or .svg`,
    `page: ${terms} cannot be shown: no such file or directory`,
  ]);
});

test.run();
