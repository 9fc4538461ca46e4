// Which deposits are remembered, and for how long.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Deposit } from '../../src/domain/deposit.js';
import { Deposits } from '../../src/domain/deposits.js';

const hour = 3_600_000;

function deposit(id: string, over: Partial<Deposit> = {}): Deposit {
  return {
    id,
    method: 'x402-exact',
    state: 'closed',
    order: { id, buyer: '0xb', units: '1', unitPrice: '5', until: hour, payload: {} },
    opened: { reference: '0xa', transaction: '0xb', final: true },
    sale: { mac: '02:00:00:00:00:01', key: id, digest: 'd', lot: {} as Deposit['sale']['lot'] },
    signed: { units: '1', proof: null },
    final: true,
    consumed: '0',
    note: '',
    at: 0,
    ...over,
  };
}

/** So many deposits came to their end. */
function over(deposits: Deposits, count: number, at: number, name: string): void {
  for (let n = 0; n < count; n++) deposits.replace(deposit(`${name}${n}`), at);
}

test('a payment is remembered until it can be presented no more', () => {
  const deposits = new Deposits([]);
  over(deposits, 2000, hour - 1, 'paid');
  assert.ok(deposits.get('paid0'));
  over(deposits, 1, hour, 'later');
  assert.is(deposits.get('paid0'), undefined);
  assert.is([...deposits.all()].length, 1000);
  assert.ok(deposits.get('later0'));
});

test('a payment of an earlier version, which does not say until when it is good, is remembered for an hour', () => {
  const deposits = new Deposits([]);
  const { until, ...order } = deposit('old').order;
  deposits.replace(deposit('old', { order, at: 5 }), 5);
  for (let n = 0; n < 1000; n++) deposits.replace(deposit(`n${n}`, { order, at: until! }), hour + 4);
  assert.ok(deposits.get('old'));
  deposits.replace(deposit('more', { order, at: hour }), hour + 5);
  assert.is(deposits.get('old'), undefined);
});

test('what came to nothing is forgotten before what was paid, and takes no room from it', () => {
  const deposits = new Deposits([]);
  over(deposits, 500, 0, 'paid');
  for (let n = 0; n < 20_000; n++) {
    const { opened: _, ...rest } = deposit(`poor${n}`, { state: 'rejected' });
    deposits.replace(rest, 0);
  }
  assert.ok(deposits.get('paid0'));
  assert.is([...deposits.all()].length, 1000);
  assert.not(deposits.isFull);
});

test('there is a limit to what is remembered', () => {
  const deposits = new Deposits([]);
  over(deposits, 6000, 0, 'paid');
  assert.ok(deposits.isFull);
});

test('a restart forgets nothing that can be presented again', () => {
  const deposits = new Deposits([]);
  over(deposits, 2000, 0, 'paid');
  assert.equal([...new Deposits([...deposits.all()]).all()], [...deposits.all()]);
});

test('the deposits of a session are found while it has them', () => {
  const { opened, ...fresh } = deposit('a', { state: 'active' });
  const deposits = new Deposits([]);
  const served = { ...fresh, opened: opened!, session: 's' };
  deposits.replace(served, 0);
  assert.equal(deposits.ofSession('s'), [served]);
  assert.ok(deposits.isOwed('s'));
  deposits.replace({ ...served, state: 'closed' }, 0);
  assert.not(deposits.isOwed('s'));
  deposits.replace({ ...fresh, opened: opened! }, 0);
  assert.equal(deposits.ofSession('s'), [], 'the sale was taken back');
});

test.run();
