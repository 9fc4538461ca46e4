// What a command prints reaches the end of a pipe, or the command says that it did not.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { openSqlite } from '../../src/collector/sqlite.js';
import { shell } from './turnpike.js';

const dir = mkdtempSync(join(tmpdir(), 'turnpike-'));
test.after(() => rmSync(dir, { recursive: true }));

/** A database with so many sessions. */
async function fleetOf(count: number): Promise<string> {
  const file = join(dir, `${count}.sqlite`);
  const { transaction, close } = await openSqlite(file);
  const numbers = `WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ${count})`;
  const rows = "SELECT 'r', 's' || (1000000 + n), n, 2 * n, 1000 * n FROM numbers";
  await transaction([], async (query) => {
    await query(`${numbers} INSERT INTO sessions (router, session, up, down, millis) ${rows}`);
  });
  await close();
  return file;
}

/** More than a pipe holds, many times over. */
const large = await fleetOf(150_000);
/** More than a pipe holds. */
const small = await fleetOf(5_000);

function print(task: '--csv' | '--report', database: string): string {
  return `turnpike collect ${task} --by session --database '${database}'`;
}

test('each of 150,001 lines of a spreadsheet arrives', async () => {
  const { out, err } = await shell(`${print('--csv', large)} | cat; echo "\${PIPESTATUS[0]}"`);
  const lines = out.trimEnd().split(/\r?\n/);
  assert.equal([lines.length, err], [150_002, '']);
  assert.equal(lines.slice(-2), ['r,s1150000,,,,,,,,150000,300000,150000', '0']);
});

test('each of 150,001 lines of a table arrives', async () => {
  const { out, err } = await shell(`${print('--report', large)} | cat | wc -l`);
  assert.equal([out, err], ['150001\n', '']);
});

test('a reader that has seen enough ends the command, and nothing is said', async () => {
  const { out, err } = await shell(`${print('--csv', small)} | head -n 1; echo "\${PIPESTATUS[0]}"`);
  const [first = '', status] = out.split('\n').map((line) => line.trim());
  assert.match(first, /^router,session,/);
  assert.equal([status, err], ['141', ''], 'as a shell shows who is ended by SIGPIPE');
});

test('a disk that is full is said, and the exit code tells', async () => {
  const { status, err } = await shell(`${print('--csv', small)} >/dev/full`);
  assert.is(status, 1);
  assert.is(err, 'turnpike collect: the output cannot be written: no space left on device\n');
});

test('a file that the system takes in parts only is whole, or it is said', async () => {
  // The limit is in blocks of 1024 bytes; bash leaves SIGXFSZ ignored, so that a write says EFBIG.
  const limited = `(trap '' XFSZ; ulimit -f 100; ${print('--csv', small)} >'${dir}/cut.csv')`;
  const { status, err } = await shell(`${limited}; code=$?; stat -c %s '${dir}/cut.csv' >&2; exit $code`);
  assert.is(status, 1);
  assert.is(err, 'turnpike collect: the output cannot be written: file too large\n102400\n');
});

test.run();
