// Every error code that a call can answer is in docs/ubus-api.md, and no code that is gone; the same for notifications.

import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { faultCodes as kinds } from '../../src/config/fault.js';

type File = { readonly file: string; readonly text: string };

const folder = resolve('docs', 'generate', 'ubus-api');
const load = (file: string) => import(pathToFileURL(join(folder, file)).href);
const source = (await load('source.mjs')) as {
  answeredCodes(files?: readonly File[]): Map<string, Set<string>>;
  unreadableCodes(files?: readonly File[]): string[];
  noticeTypes(): string[];
};
const { codes, faultCodes } = (await load('codes.mjs')) as {
  codes: Readonly<Record<string, readonly (readonly [code: string, meaning: string, remedy: string])[]>>;
  faultCodes: Readonly<Record<string, string>>;
};
const { notices } = (await load('notices.mjs')) as { notices: Readonly<Record<string, unknown>> };

const rows = Object.values(codes).flat();
const listed = rows.map(([code]) => code);

test('every error code is listed with what it means and what to do', () => {
  const answered = source.answeredCodes();
  assert.ok(answered.size > 50, `${answered.size} codes`);
  for (const [code, files] of answered)
    assert.ok(listed.includes(code), `${code} of ${[...files]} is not listed`);
  for (const [code, meaning, remedy] of rows) assert.ok(meaning.length > 10 && remedy.length > 5, code);
});

test('no code is listed twice, or that nothing answers', () => {
  assert.is(new Set(listed).size, listed.length);
  const answered = source.answeredCodes();
  assert.equal(
    listed.filter((code) => !answered.has(code)),
    [],
  );
});

test('no refusal hides its code from the list', () => {
  assert.equal(source.unreadableCodes(), []);
  const hidden = [{ file: 'src/new.ts', text: "return refuse(isFull ? 'full' : 'empty', 'no');" }];
  assert.is(source.unreadableCodes(hidden).length, 1);
});

test('a new code is found however it is refused', () => {
  const forms = [
    "refuse('new_code', 'no')",
    "refuse(\n      'new_code',\n      'no',\n    )",
    "throw new BadArgument('new_code', 'no')",
    "throw new PaymentError('new_code', 'no')",
    "demand(fields.text('type') === 'prepaid', 'new_code', 'no')",
    "{ ok: false, code: 'new_code', message: 'no' }",
    "args.whole('steps', 1, most, 'bad_new')",
    "const code = isOurs ? 'new_code' : 'other_code';",
  ];
  for (const text of forms) {
    const found = source.answeredCodes([{ file: 'src/new.ts', text }]);
    assert.ok(found.has('new_code') || found.has('bad_new'), text);
  }
});

test('every kind of fault of a configuration is named', () => {
  assert.equal(Object.keys(faultCodes).sort(), [...kinds].sort());
});

test('every notification is described', () => {
  assert.equal(Object.keys(notices).sort(), source.noticeTypes().sort());
});

test.run();
