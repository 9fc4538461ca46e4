// No file descriptor is left, as when somebody holds many connections: the router goes on without nft for as long.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

const { href } = new URL('../../', import.meta.url);

/** Asks nft in each of the three ways, first with no descriptor left, then with some. */
const script = (dir: string) => `
import { closeSync, openSync } from 'node:fs';
import { nftAt } from '${href}src/kernel/nft.js';
import { RulesetMonitor } from '${href}src/kernel/monitor.js';
import { readCounters } from '${href}workers/counters.js';
import { systemClock } from '${href}src/clock.js';
const nft = nftAt('/bin/echo');
const counters = () => readCounters({ file: '/bin/echo', args: [], told: new SharedArrayBuffer(8), limitMs: 5000 });
const told = [];
const options = { file: '/bin/cat', clock: systemClock, written() {}, log: (level, text) => told.push(text) };
const monitor = new RulesetMonitor(options);
const held = [];
try { for (;;) held.push(openSync('${dir}')); } catch {}
monitor.start();
const first = [await nft([]).catch(({ code }) => code), (await counters()).reason];
for (const one of held) closeSync(one);
const later = [await nft(['x']), (await counters()).ok];
await monitor.stop();
console.log(JSON.stringify({ first, later, told: told.length }));
`;

test('nft cannot be started for want of file descriptors: that is told, and later it works', () => {
  const dir = mkdtempSync(join(tmpdir(), 'turnpike-'));
  const file = join(dir, 'script.mjs');
  writeFileSync(file, script(dir));
  const run = ['-c', 'ulimit -n 100; exec "$0" "$1"', process.execPath, file];
  const { stdout, stderr } = spawnSync('sh', run, { encoding: 'utf8' });
  rmSync(dir, { recursive: true });
  assert.is(stderr, '');
  const expected = { first: ['failed', 'failed'], later: ['x\n', true], told: 1 };
  assert.equal(JSON.parse(stdout), expected);
});

test.run();
