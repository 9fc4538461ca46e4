// A session that is paid from two deposits loses one of them: the other is charged and counted as it was used.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { depositOf, one, pay, ready, value } from '../deposits.js';

for (const [lost, earned, back] of [
  ['a', 100n + 200n, [['b', 300n]]],
  ['b', 500n + 100n, []],
] as const) {
  test(`${lost} is closed by somebody else: its money alone is missing`, async () => {
    const { w, chain } = await ready();
    chain.confirmations = 0;
    const { id } = value(await pay(w, 'a'));
    value(await pay(w, 'b'));
    // All of the first deposit and four steps of the second.
    w.portal.carry(one, 0, 13_500);
    await w.clock.pass(1000);
    chain.chain.get(lost)!.closed = { transaction: '0xd', sellerAmount: '100', buyerRefund: '400' };
    await w.clock.pass(40_000);
    const { book } = w.engine.accounts;
    const session = book.get(id)!;
    assert.is(session.cause, 'payment-reversed');
    assert.equal(
      session.refunds.map(({ deposit, money }) => [deposit, money.amount]),
      back,
    );
    const revenue = book.stats
      .toPlain()
      .quarters!.flatMap((bucket) => bucket.revenue.map((m) => BigInt(m.amount)));
    assert.is(
      revenue.reduce((sum, amount) => sum + amount, 0n),
      earned,
    );
    const other = lost === 'a' ? 'b' : 'a';
    assert.is(depositOf(w, other).closed?.sellerAmount, other === 'b' ? '200' : '500');
    assert.equal(w.journal.replay().get(id), session);
  });
}

test.run();
