import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { moved, readCounters } from '../../workers/counters.js';

const listed = (...counters: readonly (readonly [name: string, bytes: number])[]) =>
  JSON.stringify({
    nftables: [
      { metainfo: { version: '1.0.6' } },
      ...counters.map(([name, bytes]) => ({
        counter: { family: 'inet', name, table: 'turnpike', handle: 3, packets: 9, bytes },
      })),
    ],
  });

test('only sessions whose counters moved are told, each with both directions', () => {
  const told = new Float64Array(2 * 8);
  const first = moved(listed(['cu1_a', 10], ['cd1_a', 20], ['cu2_b', 0], ['cd2_b', 0]), told);
  assert.equal([...first.rows], [1, 10, 20]);
  assert.is(first.seen, 4);
  assert.equal([...moved(listed(['cu1_a', 10], ['cd1_a', 20]), told).rows], []);
  assert.equal(
    [...moved(listed(['cu1_a', 10], ['cd1_a', 25], ['cd2_b', 7]), told).rows],
    [1, 10, 25, 2, 0, 7],
  );
});

test('a counter that fell is told, and one of more than 4 GiB exactly', () => {
  const told = new Float64Array(2 * 8);
  moved(listed(['cd1_a', 2 ** 45 + 1]), told);
  assert.is(told[3], 2 ** 45 + 1);
  assert.equal([...moved(listed(['cd1_a', 5]), told).rows], [1, 0, 5]);
});

test('counters that are nobody’s are no session’s', () => {
  const told = new Float64Array(2 * 8);
  const { rows } = moved(listed(['cd8_a', 1], ['cd99999999999_a', 1], ['visits', 5], ['xcd1_a', 5]), told);
  assert.equal([...rows], []);
});

const task = (file: string, args: string[], limitMs = 60_000) => ({
  ...{ file, args, limitMs },
  told: new SharedArrayBuffer(16),
});

test('an nft that is not there, says no or is late is named as such', async () => {
  const reason = async (one: ReturnType<typeof task>) => {
    const result = await readCounters(one);
    return result.ok ? 'ok' : result.reason;
  };
  assert.is(await reason(task('/nonexistent/nft', [])), 'missing');
  assert.is(await reason(task('sh', ['-c', 'echo no such table >&2; exit 1'])), 'refused');
  assert.is(await reason(task('sh', ['-c', 'exec sleep 100'], 50)), 'timeout');
  assert.is(await reason(task('sh', ['-c', 'exec cat /dev/zero'])), 'timeout');
  assert.is(await reason(task('true', [])), 'ok');
});

test.run();
