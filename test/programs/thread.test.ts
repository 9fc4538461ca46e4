// Nobody would collect the processes of a thread that has ended: they would be there until the daemon ends.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { MeterPool } from '../../src/portals/metering/pool.js';
import { childrenOf } from '../rig/children.js';
import { until } from '../rig/until.js';

/** States of our children, dead ones too. */
const children = () => childrenOf(process.pid).map(({ stat }) => stat[0]!);

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
