// The process that listens, with a stand-in for nft: it prints what is written into a pipe.
import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Written } from '../../src/kernel/events.js';
import { RulesetMonitor } from '../../src/kernel/monitor.js';
import { TestClock } from '../rig/clock.js';
import { until } from '../rig/until.js';

interface Context {
  dir: string;
  clock: TestClock;
  told: Written[];
  lines: string[];
  monitor: RulesetMonitor;
}

const test = suite<Context>('nft monitor');

/** The processes that were started, the last of them last. */
const pids = ({ dir }: Context): number[] => {
  const file = join(dir, 'pids');
  // Whole lines: the file is there before the first is, and 0 in the place of a process is this test and all of its own.
  return existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(0, -1).map(Number) : [];
};
const isAlive = (pid: number) => existsSync(`/proc/${pid}`);

test.before.each((c) => {
  c.dir = mkdtempSync(join(tmpdir(), 'turnpike-'));
  const [file, pipe] = [join(c.dir, 'nft'), join(c.dir, 'pipe')];
  execFileSync('mkfifo', [pipe]);
  // Opened for both, so that it never ends by itself.
  writeFileSync(
    file,
    `#!/bin/sh\n[ "$1" = monitor ] || exit 9\necho $$ >>${c.dir}/pids\nexec cat <>${pipe}\n`,
  );
  chmodSync(file, 0o755);
  c.clock = new TestClock();
  c.told = [];
  c.lines = [];
  c.monitor = new RulesetMonitor({
    ...{ file, clock: c.clock, written: (written) => c.told.push(written) },
    log: (_, text) => c.lines.push(text),
  });
});

test.after.each(async (c) => {
  await c.monitor.stop();
  rmSync(c.dir, { recursive: true });
});

test('what nft says is told as soon as it is said', async (c) => {
  c.monitor.start();
  await until('started', () => pids(c).length === 1);
  appendFileSync(join(c.dir, 'pipe'), 'delete table inet turnpike\n# new generation 4 by process 99 (nft)\n');
  await until('told', () => c.told.length > 0);
  assert.equal([...c.told[0]!.tables!], ['inet turnpike']);
  assert.is(c.told[0]!.pid, 99);
});

test('a process that dies is started again, later each time, and what it missed is looked for', async (c) => {
  c.monitor.start();
  for (const [n, wait] of [250, 500, 1000].entries()) {
    await until('started', () => pids(c).length === n + 1);
    process.kill(pids(c)[n]!, 'SIGKILL');
    await until('noticed', () => c.clock.pending === 1);
    await c.clock.pass(wait - 1);
    assert.is(c.told.length, n, 'not too soon');
    await c.clock.pass(1);
    assert.equal(c.told[n], { pid: undefined, tables: undefined });
  }
  await until('started', () => pids(c).length === 4);
  assert.is(c.lines.length, 1, 'said once');
});

test('a missing nft is said once, and tried again', async (c) => {
  rmSync(join(c.dir, 'nft'));
  c.monitor.start();
  await until('noticed', () => c.clock.pending === 1);
  await c.clock.pass(250);
  await until('noticed again', () => c.clock.pending === 1);
  assert.is(c.lines.length, 1);
  assert.match(String(c.lines[0]), /ENOENT/);
});

test('after stop no process is left, and none is started', async (c) => {
  c.monitor.start();
  await until('started', () => pids(c).length === 1);
  await c.monitor.stop();
  assert.not(isAlive(pids(c)[0]!));
  c.monitor.start();
  assert.is(c.clock.pending, 0);
  assert.is(pids(c).length, 1);
});

test.run();
