// What a set-up has kept: who may say what root puts back.
import { chownSync, mkdtempSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { SetupRecords } from '../../src/setup/record.js';

const folder = mkdtempSync(join(tmpdir(), 'turnpike-'));
const file = join(folder, 'setup-offload');
const records = new SetupRecords(folder);
const record = { settings: [], pages: [], files: [], key: 'k' };
test.after(() => rmSync(folder, { recursive: true }));

test('it is there until it is forgotten', async () => {
  assert.is(records.load('offload'), undefined);
  await records.save('offload', record);
  assert.equal(records.load('offload'), record);
  await records.forget('offload');
  assert.is(records.load('offload'), undefined);
});

test('a link in its place is none', async () => {
  await records.save('offload', record);
  renameSync(file, `${file}.real`);
  symlinkSync(`${file}.real`, file);
  assert.is(records.load('offload'), undefined);
  await records.save('offload', record);
  assert.equal(records.load('offload'), record, 'it is replaced, and not followed');
});

test('root does not believe what another user has written', async () => {
  await records.save('offload', record);
  const isRoot = process.getuid?.() === 0;
  if (!isRoot) return console.log('SKIPPED: only root can give a file away');
  chownSync(file, 32_768, 32_768);
  assert.is(records.load('offload'), undefined);
});

test.run();
