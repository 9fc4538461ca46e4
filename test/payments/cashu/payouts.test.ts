// Payments to the owner's Lightning address beside other work on the purse, with small coins, and with mints that fail.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { HttpReply } from '../../../src/http/request.js';
import type { Proof } from '../../../src/payments/cashu/ecash.js';
import type { Entry } from '../../../src/payments/cashu/entry.js';
import { Exchange } from '../../../src/payments/cashu/exchange.js';
import { LightningAddress } from '../../../src/payments/cashu/lnurl.js';
import { Mint } from '../../../src/payments/cashu/mint.js';
import { Outlet } from '../../../src/payments/cashu/outlet.js';
import { Payouts } from '../../../src/payments/cashu/payout.js';
import { PayoutBook } from '../../../src/payments/cashu/payout-book.js';
import { Purse } from '../../../src/payments/cashu/purse.js';
import type { Safe } from '../../../src/ports/safe.js';
import { mac } from '../../engine/world.js';
import { TestClock } from '../../rig/clock.js';
import { mintAt } from './coins.js';
import { TestMint } from './mint.js';
import { OwnersWallet, ownersAddress } from './owners-wallet.js';

/** As long as the address of the other one. */
const otherAt = 'https://next.example';

function safeOf(kept: Map<string, unknown>): Safe {
  return {
    all: () => [...kept],
    put: async (name, value) => void (value ? kept.set(name, value) : kept.delete(name)),
  };
}

/** The seller's coins of one customer. */
function earned(id: string, proofs: readonly Proof[], mint = mintAt): [string, Entry] {
  const entry = {
    ...{ id, state: 'over', key: id, mac: mac(1), at: 0, mint, unit: 'sat', steps: 1, unitPrice: 1 },
    ...{ worth: 1, inputs: [], parts: [], tries: [], pieces: [{ steps: 1, proofs, whose: 'seller' }] },
  } satisfies Entry;
  return [id, entry];
}

/** Payouts from a threshold on, of two mints. `total`: of the first one. */
function desk(threshold: number, stock: (mint: TestMint, other: TestMint) => [string, Entry][]) {
  const [mint, other] = [new TestMint(), new TestMint()];
  const wallet = new OwnersWallet(mint);
  /** Is called before the provider answers. */
  const hook = { asked: async (): Promise<void> => {} };
  const request = async (url: string, ms: number, body?: string): Promise<HttpReply> => {
    if (url.startsWith(mintAt)) return mint.request(url, ms, body);
    if (url.startsWith(otherAt)) return other.request(url, ms, body);
    await hook.asked();
    return wallet.request(url);
  };
  const clock = new TestClock();
  const said: string[] = [];
  const log = (_level: string, text: string) => void said.push(text);
  const places = [mintAt, otherAt].map((url) => ({ url, unit: 'sat', currency: 'SAT', decimals: 0 }));
  const mints = new Map(places.map(({ url }) => [url, new Mint(url, 1000, () => clock.mono(), request)]));
  const purse = new Purse(safeOf(new Map(stock(mint, other))), log);
  const exchange = new Exchange(purse, () => clock.wall());
  const outlet = new Outlet(purse, places, () => 'token');
  const book = new PayoutBook(safeOf(new Map()));
  const to = new LightningAddress(ownersAddress, request);
  const payouts = new Payouts({ places, mints, purse, exchange, outlet, book, clock, log, threshold, to });
  outlet.isTaken = (id) => payouts.takes(id);
  return {
    clock,
    mint,
    other,
    wallet,
    hook,
    outlet,
    book,
    payouts,
    said,
    total: () => book.total(mintAt, 'sat'),
  };
}

/** So many coins that nobody made: all but the mint take them for money, and to make them costs nothing. */
function madeUp(mint: TestMint, count: number): [string, Entry][] {
  const [one] = mint.issue(1);
  const coins = Array.from({ length: count }, (_, i) => ({ ...one!, secret: `${i}` }));
  return coins.map((coin) => earned(coin.secret, [coin]));
}

test('many small coins come to the threshold together, though they do not fit into one payment', async () => {
  const { payouts, mint } = desk(205, (mint) => madeUp(mint, 210));
  await payouts.work();
  const asked = [...mint.payments.values()].map(({ amount }) => amount);
  assert.equal(asked, [198, 197], 'of 200 coins, which the fees have to fit in');
});

test('the largest coins are paid out first', async () => {
  const { payouts, mint } = desk(200, (mint) => [...madeUp(mint, 210), earned('large', mint.issue(1024))]);
  await payouts.work();
  const [asked] = mint.payments.values();
  assert.ok(asked!.amount > 1024);
});

test('what is about to be paid out is not shown to the owner as a token', async () => {
  const { payouts, outlet, hook, mint } = desk(100, (mint) => [earned('e', mint.issue(500))]);
  let shown: unknown = 'not asked';
  hook.asked = async () => {
    shown = await outlet.next(undefined);
  };
  await payouts.work();
  assert.is(shown, undefined);
  assert.is(mint.payments.size, 1);
});

test('money of a plan that came to nothing can be taken out at once', async () => {
  const { payouts, outlet, wallet } = desk(100, (mint) => [earned('e', mint.issue(500))]);
  wallet.isAway = true;
  await payouts.work();
  const out = await outlet.next(undefined);
  assert.ok(typeof out === 'object' && out.money.amount === 500n);
});

test('change that the mint signs badly is lost, and said so: the payment is over all the same', async () => {
  const { payouts, book, mint, total, said } = desk(100, (mint) => [earned('e', mint.issue(500))]);
  mint.spoilsChange = true;
  await payouts.work();
  assert.is(book.now, undefined);
  assert.is(total(), 495);
  assert.ok(said.some((one) => /change are lost/.test(one)));
});

test('a mint that pays nothing keeps no other from paying', async () => {
  const { payouts, mint, other, book } = desk(100, (mint, other) => [
    earned('e', mint.issue(500)),
    earned('f', other.issue(500), otherAt),
  ]);
  mint.fault = (path) => (path.startsWith('/v1/melt/') ? 'trouble' : undefined);
  await payouts.work();
  assert.is(other.payments.size, 1);
  assert.is(book.total(otherAt, 'sat'), 495);
});

test('a mint whose payments fail leaves the next turn to another', async () => {
  const { payouts, mint, book, clock } = desk(100, (mint, other) => [
    earned('e', mint.issue(500)),
    earned('f', other.issue(500), otherAt),
  ]);
  mint.route = 'UNPAID';
  await payouts.work();
  assert.is(book.total(otherAt, 'sat'), 0);
  clock.now += 600_000;
  await payouts.work();
  assert.is(book.total(otherAt, 'sat'), 495);
});

test('where the provider takes little at a time, the mint is given little', async () => {
  const { payouts, mint, wallet } = desk(100, (mint) =>
    ['a', 'b', 'c', 'd'].map((id) => earned(id, mint.issue(100))),
  );
  wallet.limits = { minSendable: 1000, maxSendable: 90_000 };
  await payouts.work();
  assert.equal(
    [...mint.payments.values()].map(({ amount, given }) => [amount, given]),
    [[90, 100]],
  );
});

test.run();
