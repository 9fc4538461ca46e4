// The log of a command that goes on: in words for people, as procd and systemd's journal take it for those.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { shop } from '../rig/daemon.js';
import { program, shell, turnpike } from './turnpike.js';

const dir = mkdtempSync(join(tmpdir(), 'turnpike-'));
test.after(() => rmSync(dir, { recursive: true }));

/** A daemon that says one line of news and ends, and one that says what is wrong. */
const off = join(dir, 'off');
const faulty = join(dir, 'faulty');
writeFileSync(off, `config turnpike 'main'\n\toption enabled '0'\n${shop('/nonexistent')}`);
writeFileSync(faulty, "config gateway 'lan'\n\toption type 'opnnds'\n");
const news = `turnpike is switched off in ${off}\n`;

test('a pipe has the level of each line in words, on standard error', async () => {
  assert.equal(await turnpike('run', '--config', off), { status: 0, out: '', err: `info: ${news}` });
  const { status, out, err } = await turnpike('run', '--config', faulty);
  assert.equal([status, out], [1, '']);
  assert.match(err, `error: ${faulty}:2: gateway 'lan': type`);
  for (const line of err.trim().split('\n'))
    assert.match(line, /^error: \S/, 'each fault on a line of its own');
});

test('so has a terminal', async () => {
  const line = `'${process.execPath}' '${program}' run --config '${off}'`;
  const { status, out } = await shell(`script -qec "${line}" /dev/null`);
  assert.equal([status, out.replaceAll('\r', '')], [0, `info: ${news}`]);
});

test('so has a file', async () => {
  await shell(`turnpike run --config '${off}' 2>'${dir}/log'`);
  assert.is(readFileSync(join(dir, 'log'), 'utf8'), `info: ${news}`);
});

test('with --syslog news go to standard output, which procd logs as info, and errors to standard error', async () => {
  assert.equal(await turnpike('run', '--syslog', '--config', off), {
    status: 0,
    out: `info: ${news}`,
    err: '',
  });
  const { status, out, err } = await turnpike('run', '--syslog', '--config', faulty);
  assert.equal([status, out], [1, '']);
  assert.match(err, 'error: ');
});

test("systemd's journal, and nothing else, gets levels as numbers", async () => {
  const inJournal = (inode: string) => `
    export JOURNAL_STREAM=$(stat -L -c '%d:${inode}' /proc/self/fd/2)
    turnpike run --config '${off}'`;
  // Bash's own file of standard error is that of the program.
  const stream = `exec 2> >(cat >&1); `;
  assert.is((await shell(stream + inJournal('%i'))).out, `<6>${news}`);
  assert.is((await shell(stream + inJournal('1'))).out, `info: ${news}`, 'that of another program');
});

test.run();
