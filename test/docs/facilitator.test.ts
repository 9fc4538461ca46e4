// docs/facilitator.md lists every code of the session API under its status.
import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { codes } from '../../src/payments/wallet/codes.js';

const rows = readFileSync('docs/facilitator.md', 'utf8').match(/^\| \d.*$/gm) ?? [];

test('every code is listed with its status', () => {
  for (const [code, { status }] of Object.entries(codes)) {
    const row = rows.find((line) => line.includes(`\`${code}\``));
    assert.ok(row, `${code} is not listed`);
    const [, statuses] = row.split('|');
    assert.ok(statuses!.includes(String(status)), `${code} comes with ${status}, not with ${statuses}`);
  }
});

test('no code is listed that the API does not have', () => {
  const listed = rows.flatMap((row) =>
    [...row.split('|')[2]!.matchAll(/`([a-z_]+)`/g)].map((match) => match[1]!),
  );
  assert.equal(
    listed.filter((code) => code !== 'retryable' && !(code in codes)),
    [],
  );
});

test.run();
