import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { NftError } from '../../src/kernel/nft.js';
import { Reader } from '../../src/kernel/reader.js';
import { marks } from './wanted.js';

/** A reader of a table with so many counters and as many quotas, and the calls that it has made. */
function readerOf(size: number) {
  const calls: string[] = [];
  const counters = Array.from({ length: size }, (_, n) => ({ counter: { name: `cu${n}_a`, bytes: n } }));
  const quotas = counters.map((_, n) => ({ quota: { name: `t${n}_a_0`, bytes: 9_000, used: n, inv: true } }));
  const reader = new Reader(
    async (args) => {
      calls.push(args.join(' '));
      return JSON.stringify({ nftables: args.includes('quotas') ? quotas : counters });
    },
    marks,
    () => 0,
  );
  const names = { counters: counters.map((c) => c.counter.name), quotas: quotas.map((q) => q.quota.name) };
  return { reader, calls, ...names };
}

test('many objects are read out of one list of each kind, the quotas first', async () => {
  const { reader, calls, counters, quotas } = readerOf(5_000);
  const found = await reader.objects(quotas, counters);
  assert.equal(
    [found.size, found.get('cu4999_a'), found.get('t4999_a_0')],
    [10_000, { bytes: 4_999, used: 0 }, { bytes: 9_000, used: 4_999 }],
  );
  const of = (kind: string) => `-j list ${kind} table inet turnpike`;
  assert.equal(calls, [of('quotas'), of('counters')]);
});

test('one of many that is not in the list is a refusal, as by name', async () => {
  const { reader, counters } = readerOf(5_000);
  try {
    await reader.objects([], [...counters, 'cd1_b']);
    assert.unreachable();
  } catch (cause) {
    assert.instance(cause, NftError);
    assert.is((cause as NftError).code, 'refused');
  }
});

test.run();
