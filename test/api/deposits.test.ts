// What callers see of deposits: which, in which order, and what has become of their money.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { answer, methods } from '../../src/api/control.js';
import type { View } from '../../src/api/view.js';
import { type Deposit, type DepositEvent, stepDeposit } from '../../src/domain/deposit.js';
import { moneyOfDeposit } from '../../src/domain/deposit-money.js';
import { serviceOf } from '../../src/wiring/service.js';
import { TestBackend } from '../engine/chain.js';
import { TestPortal } from '../engine/portal.js';
import { mac, type World, world } from '../engine/world.js';
import fc from '../rig/properties.js';

async function ready() {
  const w = await world([new TestPortal('lan')]);
  const chain = new TestBackend();
  w.backends = [chain];
  await w.crash();
  const service = serviceOf(w.engine, w.commands, w.desk, {
    status: () => ({}),
    reload: async () => ({}),
    testUpstream: async () => undefined,
    acknowledgeDamage: async () => 0,
    setup: async () => ({ ok: true, value: { changes: [], kept: [], done: false } }),
    orders: {} as never,
    log: () => {},
  });
  const call = (args: View = {}) => answer(methods.deposits!, args, service);
  const list = async (args: View = {}) => (await call(args)).deposits as View[];
  return { w, chain, call, list };
}

/** Pays 5.00 for ten steps of `data`; `signed` of them are signed for. */
async function pay(w: World, n: number, signed = 10, over: Record<string, unknown> = {}): Promise<void> {
  w.portal.join(mac(n));
  await w.clock.pass(1001);
  const payment = { method: 'x402r-session', id: `d${n}`, signed };
  void w.commands.purchase({ mac: mac(n), plan: 'data', steps: 10, payment, key: `k${n}`, ...over });
  await w.clock.pass(1001);
}

const usd = (amount: string) => ({ amount, currency: 'USD' });
const ids = (rows: readonly View[]) => rows.map((row) => row.id);

test('a deposit tells what was paid in, signed and held, then what was earned and given back', async () => {
  const { w, list } = await ready();
  await pay(w, 1, 6, { user: 'ada' });
  const [open] = await list();
  const session = w.engine.accounts.book.runningOfMac(mac(1))[0]!;
  assert.is(open!.session, session.id);
  assert.is(open!.user, 'ada');
  assert.is(open!.created, Math.floor(w.engine.accounts.book.deposits.get('d1')!.at / 1000));
  const money = ({ paid_in, signed, charged, held, earned, returned }: View) =>
    [paid_in, signed, charged, held, earned, returned].map((one) => (one as View).amount);
  assert.equal(money(open!), ['5.00', '3.00', '0.00', '5.00', '0.00', '0.00']);
  assert.equal(open!.paid_in, usd('5.00'));
  assert.is(open!.due, undefined);
  w.portal.carry(mac(1), 1000, 2345);
  await w.commands.close(session.id, 'user');
  await w.clock.pass(1001);
  const [closed] = await list({ session: session.id });
  assert.is(closed!.state, 'closed');
  assert.equal(money(closed!), ['5.00', '3.00', '2.00', '0.00', '2.00', '3.00']);
});

test('what is to be charged is told until the chain has it', async () => {
  const { w, chain, list } = await ready();
  await pay(w, 1);
  w.portal.carry(mac(1), 0, 2500);
  chain.fates = ['pending'];
  await w.commands.close(w.engine.accounts.book.runningOfMac(mac(1))[0]!.id, 'user');
  await w.clock.pass(1001);
  const [row] = await list({ state: 'close-unknown' });
  assert.equal([row!.due, row!.held, row!.earned], [usd('1.50'), usd('5.00'), usd('0.00')]);
  assert.is(row!.note, 'not confirmed yet');
});

test('a package is earned as soon as it is paid', async () => {
  const { w, chain, list } = await ready();
  Object.assign(chain, { final: true, confirmations: 0 });
  await pay(w, 1);
  const [row] = await list();
  assert.is(row!.state, 'active');
  assert.equal([row!.charged, row!.held, row!.earned], [usd('5.00'), usd('0.00'), usd('5.00')]);
});

test('deposits are listed by their state, oldest or newest first, page by page', async () => {
  const { w, chain, call, list } = await ready();
  for (const n of [1, 2, 3, 4]) await pay(w, n);
  chain.refuses = 'insufficient_funds';
  await pay(w, 5);
  await w.commands.close(w.engine.accounts.book.runningOfMac(mac(2))[0]!.id, 'admin');
  await w.clock.pass(1001);
  assert.equal(ids(await list()), ['d1', 'd2', 'd3', 'd4', 'd5']);
  assert.equal(ids(await list({ state: 'open', newest: true })), ['d4', 'd3', 'd1']);
  assert.equal(ids(await list({ state: 'closed' })), ['d2']);
  const [refused] = await list({ state: 'rejected' });
  assert.equal([refused!.id, refused!.held, refused!.earned], ['d5', usd('0.00'), usd('0.00')]);
  const found: unknown[] = [];
  let after: unknown;
  do {
    const reply = await call({ newest: true, limit: 2, ...(after !== undefined && { after }) });
    found.push(...ids(reply.deposits as View[]));
    after = reply.next;
  } while (after !== undefined);
  assert.equal(found, ['d5', 'd4', 'd3', 'd2', 'd1']);
});

test('a state that there is not, and an entry that is not kept, are refused', async () => {
  const { call } = await ready();
  const code = async (args: View) => ((await call(args)).error as View | undefined)?.code;
  assert.is(await code({ state: 'paid' }), 'bad_argument');
  assert.is(await code({ newest: 1 }), 'bad_argument');
  assert.is(await code({ after: 'nosuch' }), 'unknown_deposit');
});

test('long notes make a page shorter, and none is lost', async () => {
  const { w, call } = await ready();
  await pay(w, 1);
  const { deposits } = w.engine.accounts.book;
  const one = deposits.get('d1')!;
  for (let n = 2; n <= 150; n++) deposits.replace({ ...one, id: `d${n}`, note: 'x'.repeat(5_000) }, 0);
  const first = await call();
  const rows = first.deposits as View[];
  assert.ok(rows.length > 50 && rows.length < 110, `${rows.length} rows`);
  assert.ok(JSON.stringify(first).length < 510_000);
  const rest = (await call({ after: first.next })).deposits as View[];
  assert.is(rows.length + rest.length, 150);
});

const whole = fc.integer({ min: 0, max: 1000 });
const event: fc.Arbitrary<DepositEvent> = fc.oneof(
  fc.boolean().map((final) => ({
    type: 'opened' as const,
    opened: { reference: '0xr', transaction: '0xa', final },
  })),
  whole.map((n) => ({ type: 'signed' as const, signed: { units: `${n}`, proof: null } })),
  fc.constantFrom<DepositEvent>({ type: 'sent' }, { type: 'final' }, { type: 'gone' }),
  whole.map((n) => ({ type: 'drained' as const, units: `${n}` })),
  fc.constantFrom<DepositEvent>({ type: 'unknown', note: 'n' }, { type: 'rejected', note: 'n' }),
);

test('no money comes or goes in the sums, whatever happens to a deposit', async () => {
  const { w } = await ready();
  await pay(w, 1);
  const one: Deposit = { ...w.engine.accounts.book.deposits.get('d1')!, state: 'opening' };
  const price = fc.bigInt({ min: 1n, max: 10n ** 30n });
  fc.assert(
    fc.property(price, fc.array(event, { maxLength: 12 }), whole, (unitPrice, events, units) => {
      const order = { ...one.order, units: '1000', unitPrice: `${unitPrice}` };
      const ended = events.reduce(stepDeposit, { ...one, order });
      const { paidIn, signed, charged, held, earned, returned } = moneyOfDeposit(ended);
      assert.is(paidIn, 1000n * unitPrice);
      assert.ok(signed <= paidIn && charged <= paidIn);
      const isThere = ['active', 'draining', 'closing', 'close-unknown'].includes(ended.state);
      assert.is(held + earned + returned, isThere ? paidIn : 0n, ended.state);
      const [sellerAmount, buyerRefund] = [BigInt(units) * unitPrice, BigInt(1000 - units) * unitPrice];
      const closed = {
        transaction: '0xc',
        sellerAmount: `${sellerAmount}`,
        buyerRefund: `${buyerRefund}`,
      };
      const last = moneyOfDeposit({ ...ended, state: 'closed', closed });
      assert.equal(
        [last.paidIn, last.held, last.earned, last.returned],
        [paidIn, 0n, sellerAmount, buyerRefund],
      );
    }),
  );
});

test('who pays in more than the price is said to have done so', async () => {
  const { w } = await ready();
  await pay(w, 1);
  const one = w.engine.accounts.book.deposits.get('d1')!;
  const more = { ...one, order: { ...one.order, paidIn: '777' } };
  assert.equal([moneyOfDeposit(more).paidIn, moneyOfDeposit(more).held], [777n, 777n]);
});

test.run();
