// A customer who tops up again and again: neither the journal, nor a reply, nor a message grows with that.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { viewSession } from '../../src/api/view.js';

import { encodeMessage } from '../../src/mqtt/message.js';
import { Fold, freshState } from '../../src/reports/mqtt/fold.js';
import { encodePayload } from '../../src/store/payload.js';
import { one, opened } from './opened.js';
import type { World } from './world.js';

const topUps = 2000;
const frame = 1024 * 1024;
const reference = (n: number) => `till 7, receipt ${n}, `.padEnd(64, '*');

/** Buys this many times a step of 1,000 bytes, for 0.50; `uses` of each are used. @returns bytes of each sale's record */
async function bought(w: World, from: number, to: number, uses = 0): Promise<number[]> {
  const sizes: number[] = [];
  for (let n = from; n < to; n++) {
    const payment = { method: 'cash', reference: reference(n) };
    const sold = await w.commands.purchase({ mac: one, plan: 'data', key: `k ${n}`, payment });
    assert.ok(sold.ok, sold.ok ? '' : sold.message);
    sizes.push(encodePayload(w.journal.records.findLast(({ t }) => t === 'sold')).length);
    if (uses === 0) continue;
    w.portal.carry(one, 0, uses);
    await w.clock.pass(1000);
  }
  return sizes;
}

const cents = (rows: { amount?: string; paid?: { amount: string } }[]) =>
  rows.reduce((sum, row) => sum + Math.round(100 * Number(row.amount ?? row.paid?.amount ?? 0)), 0);

for (const [how, uses] of [
  ['that are used up one after the other', 1000],
  ['of which nothing is used', 0],
] as const) {
  test(`${topUps} top-ups with long references ${how}: every record stays under 9 kB, every reply in one frame`, async () => {
    const { w, id } = await opened();
    const sizes = await bought(w, 1, topUps, uses);
    assert.ok(Math.max(...sizes) < 9000, `${Math.max(...sizes)} bytes`);
    const session = w.engine.accounts.upToDate(id)!;
    const view = viewSession(session) as unknown as {
      lots: { count: number; paid: { amount: string } }[];
      lots_count: number;
      refunds: { amount: string }[];
      granted: { bytes: number };
    };
    assert.ok(JSON.stringify(view).length < frame / 50);
    assert.is(view.lots_count, topUps);
    assert.is(view.granted.bytes, topUps * 1000);
    assert.is(
      view.lots.reduce((sum, lot) => sum + lot.count, 0),
      topUps,
    );
    assert.is(cents(view.lots), topUps * 50);
    const left = uses === 0 ? topUps : 1;
    assert.is(cents(view.refunds), left * 50);
    if (uses > 0) assert.ok(session.lots.length <= 10, 'what is used up is folded');
    const closing = w.commands.close(id, 'user');
    await w.clock.pass(2000);
    const closed = await closing;
    for (const record of w.journal.records) {
      assert.ok(encodePayload(record).length < 9000 + 1000 * Number(record.t === 'usage'), record.t);
    }
    const fold = new Fold('router', freshState('b', 1000));
    const told = w.journal.records.flatMap((data, seq) => fold.take({ seq: seq + 1, data } as never));
    const last = told.at(-1)!;
    assert.is(last.topic, 'session');
    assert.ok(encodeMessage('session', last.message as never, 'json').length < 9000);
    const message = last.message as unknown as { lots: { paid: string }[]; refunds: { amount: string }[] };
    assert.is(
      message.lots.reduce((sum, { paid }) => sum + Math.round(100 * Number(paid)), 0),
      topUps * 50,
    );
    assert.is(cents(message.refunds), left * 50);
    assert.equal(w.journal.replay().get(id), closed, 'a restart finds the same session');
    assert.equal(w.journal.replay().toPlain(0), w.engine.accounts.book.toPlain(0));
  });
}

test.run();
