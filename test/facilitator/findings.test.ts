// What strangers do to a facilitator, without a chain: gas, fees, places, queues, and nodes that are behind.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Allowance } from '../../src/facilitator/allowance.js';
import { FacilitatorError } from '../../src/facilitator/error.js';
import { Expiry } from '../../src/facilitator/expiry.js';
import { Patience } from '../../src/facilitator/patience.js';
import { Purse } from '../../src/facilitator/purse.js';
import { Shares } from '../../src/facilitator/shares.js';
import type { Address, Hex } from '../../src/payments/wallet/typed-data.js';

const account = (digit: string): Address => `0x${digit.repeat(40)}`;
const [alice, bob, carol] = [account('a'), account('b'), account('c')];

/** The code of a refusal. */
function codeOf(act: () => unknown): string {
  try {
    act();
    return 'let in';
  } catch (cause) {
    return (cause as FacilitatorError).code;
  }
}

/** An allowance over a book in memory, with a clock that the test turns. */
function allowance(sellers: 'any' | Address[], gasPerSellerAndDay: bigint) {
  const book = new Map<string, number>();
  const clock = { now: Date.UTC(2026, 10, 23, 12) };
  const journal = {
    spend: (_network: string, seller: Address, day: number, gas: number) =>
      void book.set(`${day} ${seller}`, (book.get(`${day} ${seller}`) ?? 0) + gas),
    spent: (_network: string, day: number) =>
      [...book]
        .filter(([key]) => key.startsWith(`${day} `))
        .map(([key, gas]) => ({ seller: key.split(' ')[1] as Address, gas })),
  };
  const terms = { sellers, gasPerSellerAndDay };
  return { clock, it: new Allowance('eip155:1', terms, journal, () => clock.now) };
}

test('gas is paid for the sellers of the configuration and nobody else', () => {
  const { it } = allowance([alice], 1000n);
  assert.is(
    codeOf(() => it.mustServe(alice)),
    'let in',
  );
  assert.is(
    codeOf(() => it.mustServe(bob)),
    'unknown_seller',
  );
  assert.is(
    codeOf(() => allowance('any', 1000n).it.mustServe(bob)),
    'let in',
  );
});

test('a seller has so much gas in a day, half of it for opening, and others have theirs', () => {
  const { it, clock } = allowance('any', 1000n);
  for (let i = 0; i < 2; i += 1) it.take(alice, 'create', 250n);
  assert.is(
    codeOf(() => it.take(alice, 'create', 1n)),
    'budget_spent',
    'strangers opened sessions',
  );
  assert.is(
    codeOf(() => it.take(alice, 'consume', 400n)),
    'let in',
    'and he is charged for all the same',
  );
  assert.is(
    codeOf(() => it.take(alice, 'close', 101n)),
    'budget_spent',
  );
  assert.is(
    codeOf(() => it.take(bob, 'create', 500n)),
    'let in',
  );
  assert.equal(Object.fromEntries(it.today()), { [alice]: 900, [bob]: 500 });
  clock.now += 12 * 3_600_000;
  assert.is(
    codeOf(() => it.take(alice, 'create', 500n)),
    'let in',
    'the next day',
  );
});

test('an account whose call failed when it was mined waits an hour', () => {
  const { it, clock } = allowance('any', 1000n);
  it.penalise(carol);
  assert.is(
    codeOf(() => it.mustTrust(carol)),
    'failed_before',
  );
  assert.is(
    codeOf(() => it.mustTrust(bob)),
    'let in',
  );
  clock.now += 3_600_001;
  assert.is(
    codeOf(() => it.mustTrust(carol)),
    'let in',
  );
});

test('a fee rises only when the chain mines others, not while it stands still or mines nothing', () => {
  let now = 0;
  const patience = new Patience(1000, () => now);
  const hash: Hex = '0x01';
  patience.sent(hash);
  patience.heard({ number: 7n, transactions: 3 });
  now = 3_600_000;
  assert.not(patience.isStuck(hash), 'no block came');
  patience.heard({ number: 8n, transactions: 0 });
  assert.not(patience.isStuck(hash), 'an empty one');
  patience.heard({ number: 9n, transactions: 2 });
  assert.ok(patience.isStuck(hash));
  const next: Hex = '0x02';
  patience.sent(next);
  now += 1001;
  assert.not(patience.isStuck(next), 'each fee has its own wait');
  patience.forget(hash);
  assert.not(patience.isStuck(hash));
});

test('one seller leaves places for the next one; who is alone has them all', () => {
  const shares = new Shares(false);
  const taken = (seller: Address, from: number) => {
    let count = 0;
    while (codeOf(() => shares.claim(`${seller} ${from + count}`, seller, 16)) === 'let in') count += 1;
    return count;
  };
  assert.is(taken(alice, 0), 8);
  assert.is(taken(bob, 0), 5);
  assert.is(taken(carol, 0), 4);
  shares.release(`${bob} 0`);
  assert.is(taken(bob, 9), 0, 'above the share that he has now');
  const alone = new Shares(true);
  for (let i = 0; i < 16; i += 1) alone.claim(`${i}`, alice, 16);
  assert.is(
    codeOf(() => alone.claim('17', alice, 16)),
    'overloaded',
  );
});

test('sessions that cannot be closed hold up neither others nor other networks', async () => {
  const stuck = Array.from({ length: 40 }, (_, i) => `0x${i}` as Hex);
  const open = new Map<string, Hex[]>([
    ['eip155:1', [...stuck, '0xgood']],
    ['eip155:2', ['0xfine']],
  ]);
  const closed: Hex[] = [];
  const service = {
    close: async ({ network, sessionId }: { network: string; sessionId: Hex }) => {
      if (stuck.includes(sessionId)) throw new FacilitatorError('refused_by_chain', 'no');
      open.set(
        network,
        open.get(network)!.filter((id) => id !== sessionId),
      );
      closed.push(sessionId);
      return {};
    },
  };
  const journal = {
    expired: (network: string, _before: number, limit: number, skip = 0) =>
      open
        .get(network)!
        .slice(skip, skip + limit)
        .map((id) => ({ network, id })),
  };
  const options = { networks: [...open.keys()], everyMs: 1, marginSeconds: 0 };
  const expiry = new Expiry(service, journal, () => {}, options);
  await expiry.sweep();
  assert.equal(closed, ['0xfine']);
  await expiry.sweep();
  await expiry.sweep();
  assert.equal(closed, ['0xfine', '0xgood']);
});

test('a signer without gas is seen, a node that does not answer is no such thing, and both are asked seldom', async () => {
  let [now, wei, asked, isAway] = [0, 0n, 0, false];
  const chain = { latest: async () => ({ number: 1n, timestamp: 1n, baseFee: 10n, transactions: 0 }) };
  const signer = {
    address: alice,
    balance: async () => {
      asked += 1;
      if (isAway) throw new Error('away');
      return wei;
    },
  };
  const purse = new Purse(chain, [signer], () => now);
  assert.is(await purse.canPay(), false);
  wei = 10n ** 18n;
  assert.is(await purse.canPay(), false, 'it is not asked again at once');
  assert.is(asked, 1);
  now += 10_000;
  assert.is(await purse.canPay(), true);
  [isAway, now] = [true, now + 10_000];
  assert.is(await purse.canPay(), undefined);
});

test.run();
