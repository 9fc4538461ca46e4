// A deposit, whatever happens to it in whatever order.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Book } from '../../src/domain/book.js';
import {
  type Deposit,
  type DepositEvent,
  dueOf,
  isOver,
  servable,
  stepDeposit,
} from '../../src/domain/deposit.js';
import type { JournalRecord } from '../../src/domain/record.js';
import fc from '../rig/properties.js';

const opened = { reference: '0xa', transaction: '0xb', final: false };
const fresh: Deposit = {
  id: 'a',
  method: 'x402r-session',
  state: 'opening',
  order: { id: 'a', buyer: '0xb', units: '100', unitPrice: '5', payload: {} },
  sale: { mac: '02:00:00:00:00:01', key: 'k', digest: 'd', lot: {} as Deposit['sale']['lot'] },
  signed: { units: '10', proof: {} },
  final: false,
  consumed: '0',
  note: '',
  at: 1,
};

const units = fc.integer({ min: 0, max: 150 }).map(String);
const plain = <T extends DepositEvent['type']>(type: T) => fc.constant({ type } as const);
const event: fc.Arbitrary<DepositEvent> = fc.oneof(
  { weight: 3, arbitrary: fc.constant({ type: 'opened', opened } as const) },
  { weight: 1, arbitrary: fc.constant({ type: 'sold', session: 's' } as const) },
  { weight: 5, arbitrary: units.map((u) => ({ type: 'signed', signed: { units: u, proof: {} } }) as const) },
  { weight: 8, arbitrary: units.map((u) => ({ type: 'consumed', units: u, at: Number(u) }) as const) },
  { weight: 1, arbitrary: plain('final') },
  { weight: 1, arbitrary: plain('gone') },
  { weight: 1, arbitrary: units.map((u) => ({ type: 'drained', units: u }) as const) },
  { weight: 1, arbitrary: plain('sent') },
  { weight: 1, arbitrary: fc.constant({ type: 'unknown', note: 'n' } as const) },
  { weight: 1, arbitrary: fc.constant({ type: 'rejected', note: 'n' } as const) },
);
const events = fc.array(event, { maxLength: 40 });

test('no more is charged than may be served, and what is charged stays charged while the chain has it', () => {
  const property = fc.property(events, (sequence) => {
    let deposit = fresh;
    for (const one of sequence) {
      const next = stepDeposit(deposit, one);
      const [before, now] = [BigInt(deposit.consumed), BigInt(next.consumed)];
      assert.ok(now <= servable(next), `${now} of ${servable(next)}`);
      assert.ok(servable(next) >= servable(deposit) && servable(next) <= 100n);
      assert.ok(one.type === 'gone' ? now === before || now === 0n : now >= before);
      assert.ok(now === before || one.type === 'consumed' || one.type === 'gone', one.type);
      if (next.due !== undefined) assert.ok(BigInt(next.due) >= now && BigInt(next.due) <= servable(next));
      if (isOver(deposit)) assert.is(next, deposit);
      deposit = next;
    }
  });
  fc.assert(property, { numRuns: 1000 });
});

test('what is due is what was used, within what is signed and what is charged already', () => {
  const active = { ...fresh, state: 'active', opened, consumed: '4' } as const;
  assert.equal(
    [0n, 4n, 7n, 10n, 11n].map((used) => dueOf(active, used)),
    ['4', '4', '7', '10', '10'],
  );
  assert.is(stepDeposit(active, { type: 'consumed', units: '4', at: 9 }), active, 'nothing new');
  const more = stepDeposit(active, { type: 'consumed', units: '12', at: 9 });
  assert.equal([more.consumed, more.chargedAt], ['10', 9]);
});

test('a record of an earlier version is read: one that has the signature before the last', () => {
  const { final: settled, ...begun } = fresh;
  const old = { ...begun, settled, state: 'active', opened, signed: { units: '20', proof: {} } };
  const record = { t: 'escrow', at: 1, escrow: { ...old, previous: fresh.signed } };
  const book = new Book();
  book.apply(JSON.parse(JSON.stringify(record)) as JournalRecord);
  const read = new Book(JSON.parse(JSON.stringify(book.toPlain(2)))).deposits.get('a')!;
  assert.equal([read.consumed, read.chargedAt, servable(read)], ['0', undefined, 20n]);
  const charged = stepDeposit(read, { type: 'consumed', units: '15', at: 3 });
  assert.equal([charged.consumed, charged.state], ['15', 'active']);
});

test.run();
