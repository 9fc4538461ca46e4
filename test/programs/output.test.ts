// Programs that a small shell starts for us: what they get, what comes of them, and what becomes of the shell.
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { outputOf, type Program, ProgramError } from '../../src/programs/output.js';
import { childrenOf } from '../rig/children.js';
import { until } from '../rig/until.js';

const limitMs = 30_000;
/** Shells that wait for work: on Bun their streams would keep the process from ending. */
const waiting = process.versions.bun === undefined ? 2 : 0;
const run = async (file: string, args: readonly string[] = [], more: Partial<Program> = {}) =>
  String(await outputOf('it', { file, args, limitMs, ...more }));
const refusal = (running: Promise<unknown>): Promise<ProgramError> =>
  running.then(
    () => assert.unreachable('it was done'),
    (cause) => cause,
  );

/** Shells that we have started, by their numbers. */
const shells = () =>
  childrenOf(process.pid)
    .filter(({ command }) => command === '/bin/sh\0')
    .map(({ pid }) => pid);

test('a program gets its arguments and its script as they are, whatever a shell would make of them', async () => {
  const odd = ["it's", '$HOME', '`id`', 'a b', '', '\\', 'two\nlines', '*', '"', '-n', '$(id)', 'EOF'];
  assert.is(await run('/usr/bin/printf', ['%s|', ...odd]), `${odd.join('|')}|`);
  const script = `$HOME \`id\` \\ '"\n\n$(id)\nEOF\n`;
  assert.is(await run('/bin/cat', [], { script }), script);
  assert.is(await run('/bin/cat', [], { script: 'no end of line' }), 'no end of line\n');
  assert.is(await run('/bin/cat'), '', 'without a script there is nothing to read');
});

test('what is long comes through whole, both ways', async () => {
  const script = `${Array.from({ length: 200_000 }, (_, n) => `line ${n}`).join('\n')}\n`;
  assert.ok(script.length > 2_000_000);
  assert.is(await run('/bin/cat', [], { script }), script);
  assert.is((await run('/bin/cat', ['/bin/cat'])).length > 10_000, true);
});

test('bytes come as they are', async () => {
  const out = await outputOf('it', { file: '/bin/cat', args: ['/bin/cat'], limitMs });
  assert.ok(out.equals(readFileSync('/bin/cat')));
});

test('programs that run at once have each their own', async () => {
  const all = Array.from({ length: 12 }, (_, n) => run('/bin/cat', [], { script: `${n}\n`.repeat(5_000) }));
  const outs = await Promise.all(all);
  assert.equal(
    outs,
    outs.map((_, n) => `${n}\n`.repeat(5_000)),
  );
});

test('one that says no is refused, with the first line that it said', async () => {
  const said = await refusal(run('/bin/sh', ['-c', 'echo "Error: no" >&2; echo more >&2; exit 1']));
  assert.instance(said, ProgramError);
  assert.equal([said.code, said.message], ['refused', 'Error: no']);
  const silent = await refusal(run('/bin/sh', ['-c', 'exit 3']));
  assert.equal([silent.code, silent.message], ['refused', 'it ended with 3']);
  const long = await refusal(run('/bin/sh', ['-c', 'yes no | head -c 5000000 | tr -d "\\n" >&2; exit 1']));
  assert.equal([long.code, long.message], ['refused', 'no'.repeat(500)]);
});

test('one that is not there, or is no program, is missing', async () => {
  const gone = await refusal(run('/nonexistent/nft'));
  assert.equal([gone.code, gone.message], ['missing', 'cannot start /nonexistent/nft: not found']);
  const none = await refusal(run('/etc/passwd'));
  assert.equal([none.code, none.message], ['missing', 'cannot start /etc/passwd: Permission denied']);
});

test('one that ends as if it were not there, and says why, is refused with what it said', async () => {
  for (const status of [126, 127]) {
    const said = await refusal(
      run('/usr/bin/env', ['sh', '-c', `echo 'no memory: not found' >&2; exit ${status}`]),
    );
    assert.equal([said.code, said.message], ['refused', 'no memory: not found']);
  }
});

test('what the shell says of itself is no answer of the program: it has failed for now', async () => {
  const said = await refusal(run('/usr/bin/env', ['/bin/sh', '-c', 'nowhere; exit 2']));
  assert.is(said.code, 'failed', said.message);
});

test('one whose shell is killed beside it has failed, and is not said to be missing', async () => {
  let beside: number[] = [];
  const started = () => {
    beside = shells();
    for (const pid of beside) process.kill(pid, 'SIGKILL');
  };
  const gone = await refusal(run('/usr/bin/env', ['sleep', '1'], { started }));
  assert.ok(beside.length > 0);
  assert.equal([gone.code, gone.message], ['failed', '/usr/bin/env: the shell has ended']);
});

test('a NUL is refused, wherever it is', async () => {
  for (const running of [run('/bin/echo', ['a\0b']), run('/bin/cat', [], { script: 'a\0b' })])
    assert.is((await refusal(running)).message, 'it cannot be given a NUL');
});

test('a program is found from where we are, though the shell is elsewhere', async () => {
  assert.is(await run(relative('.', '/bin/echo'), ['here']), 'here\n');
});

test('one that has ended well is not late, however busy we were', async () => {
  const limit = 2_000;
  const started = () => {
    for (const begun = performance.now(); performance.now() < begun + limit + 500; );
  };
  assert.is(await run('/bin/echo', ['done'], { limitMs: limit, started }), 'done\n');
});

test('one that is late is killed, and the next one runs', async () => {
  let pid = 0;
  const late = await refusal(run('/bin/sleep', ['600'], { limitMs: 200, started: (one) => (pid = one) }));
  assert.equal([late.code, late.message], ['timeout', 'it was not done within 0.2 s']);
  assert.throws(() => process.kill(pid, 0), /ESRCH/);
  assert.is(await run('/bin/echo', ['next']), 'next\n');
});

test('one that prints without end is killed', async () => {
  const endless = await refusal(run('/usr/bin/yes'));
  assert.equal([endless.code, endless.message], ['timeout', 'it prints without end']);
});

test('the number that is told is that of the program itself', async () => {
  let pid = 0;
  const own = await run('/bin/sh', ['-c', 'echo $$'], { started: (one) => (pid = one) });
  assert.is(Number(own), pid);
  const reads = { script: 'x\n'.repeat(100_000), started: (one: number) => (pid = one) };
  assert.is(
    Number(await run('/bin/sh', ['-c', 'cat >/dev/null; echo $$'], reads)),
    pid,
    'with a long script',
  );
});

test('a shell is used again, two wait at the most, and one that was killed is not missed', async () => {
  await Promise.all(Array.from({ length: 5 }, () => run('/bin/true')));
  await until('the others have ended', () => shells().length === waiting, shells);
  const before = shells();
  for (let n = 0; n < 5; n++) await run('/bin/true');
  await until('the same ones wait', () => String(shells()) === String(before), shells);
  for (const pid of before) process.kill(pid, 'SIGKILL');
  await until('they are gone', () => shells().length === 0, shells);
  assert.is(await run('/bin/echo', ['again']), 'again\n');
});

test('shells keep no process from ending, and end with it', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'turnpike-'));
  const file = join(dir, 'script.mjs');
  const shell = join(dir, 'mark');
  // A program that says who its shell is.
  writeFileSync(shell, '#!/bin/sh\necho $PPID\n');
  chmodSync(shell, 0o755);
  const { href } = new URL('../../src/programs/output.js', import.meta.url);
  writeFileSync(
    file,
    `import { outputOf } from '${href}';
console.log(String(await outputOf('it', { file: '${shell}', args: [], limitMs: 5000 })));`,
  );
  const { stdout, stderr, signal } = spawnSync(process.execPath, [file], {
    encoding: 'utf8',
    timeout: limitMs,
  });
  rmSync(dir, { recursive: true });
  assert.equal([stderr, signal], ['', null]);
  await until('the shell is gone', () => {
    try {
      return !readFileSync(`/proc/${Number(stdout)}/cmdline`, 'utf8').startsWith('/bin/sh');
    } catch {
      return true;
    }
  });
});

test.run();
