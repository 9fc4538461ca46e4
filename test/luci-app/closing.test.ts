// What a cashier is told when a session is closed.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { evaluate } from './evaluate.js';

const units = evaluate('turnpike/units.js', {}) as { sum(list: readonly object[]): { amount: string }[] };
const refund = { method: 'cash', amount: '0.50', currency: 'USD', state: 'if_closed_now' };
const row = { id: 's1', refunds: [refund], lots: [{ method: 'cash' }] };

/** What is told, and whether it stays until it is read. */
async function toldAfter(reply: object): Promise<string[]> {
  const told: string[] = [];
  let act: (() => Promise<unknown>) | undefined;
  const session = evaluate('turnpike/session.js', {
    'turnpike.api': { call: { close: () => Promise.resolve(reply) } },
    'turnpike.daemon': {
      remind: (text: string) => told.push(`stays: ${text}`),
      tell: (text: string) => told.push(`goes: ${text}`),
      dialog: (...args: unknown[]) => {
        act = args[3] as () => Promise<unknown>;
      },
    },
    'turnpike.units': {
      sum: units.sum,
      moneys: (list: { amount: string }[]) => list.map(({ amount }) => amount).join(),
    },
  }) as { closeDialog(session: object, name: string, done: () => void): void };
  session.closeDialog(row, 'ada', () => undefined);
  await act!();
  return told;
}

test('money to be given back is told until somebody has read it', async () => {
  const told = await toldAfter({ refunds: [{ ...refund, state: 'owed' }] });
  assert.equal(told, ['stays: Closed. To be given back: 0.50, paid by cash']);
});

test('the second of two tills that close one session is told to give it back once', async () => {
  const told = await toldAfter({ refunds: [{ ...refund, state: 'owed' }], already: true });
  assert.equal(told, [
    'stays: It was closed before. To be given back once, if nobody has done so: 0.50, paid by cash',
  ]);
});

test('where nothing goes back by hand there is nothing to keep in mind', async () => {
  assert.equal(await toldAfter({ refunds: [{ ...refund, state: 'by_escrow' }] }), ['goes: Closed.']);
});

test.run();
