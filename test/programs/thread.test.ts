// Nobody would collect the processes of a thread that has ended: they would be there until the daemon ends.
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { MeterPool } from '../../src/portals/metering/pool.js';
import { until } from '../rig/until.js';

/** States of our children, dead ones too. */
function children(): string[] {
  return readdirSync('/proc').flatMap((name) => {
    try {
      const [state, parent] = readFileSync(`/proc/${name}/stat`, 'utf8').split(') ')[1]!.split(' ');
      return Number(parent) === process.pid ? [state!] : [];
    } catch {
      return [];
    }
  });
}

test('a thread that ends leaves no process behind, dead or alive', async () => {
  const worker = new URL('../../workers/poll.js', import.meta.url);
  const pool = new MeterPool({ worker, threads: 1 });
  const told = new SharedArrayBuffer(16);
  const look = () => pool.counters({ file: '/bin/echo', args: [], told, limitMs: 30_000 });
  for (const result of await Promise.all([look(), look(), look()])) assert.is(result.ok, true);
  assert.ok(children().length > 0 || process.versions.bun !== undefined, 'shells that wait');
  await pool.close();
  // On Node.js there is none at once; on Bun shells end by themselves.
  await until('nothing is left', () => children().length === 0, children);
});

test.run();
