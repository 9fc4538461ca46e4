import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Result } from '../../../src/ports/result.js';
import { settled } from '../../rig/clock.js';
import fc from '../../rig/properties.js';
import type { Fate } from '../chain.js';
import { depositOf, one, pay, ready, value } from '../deposits.js';
import { mac } from '../world.js';

const code = (result: Result<unknown>) => (result.ok ? 'ok' : result.code);

test('a deposit is used, charged by the step, and the rest goes back', async () => {
  const { w, chain } = await ready();
  const session = value(await pay(w, 'a'));
  assert.is(session.state, 'active');
  w.portal.carry(one, 1000, 2345);
  await w.commands.close(session.id, 'user');
  await w.clock.pass(1);
  assert.equal(chain.chain.get('a')?.closed, { transaction: '0xc', sellerAmount: '200', buyerRefund: '300' });
  assert.is(depositOf(w, 'a').state, 'closed');
  const ended = w.engine.accounts.book.get(session.id)!;
  assert.equal(
    ended.refunds.map((r) => [r.money.amount, r.deposit]),
    [[300n, 'a']],
  );
});

test('no gate opens before the deposit is there, and the purchase that did not wait finds it done', async () => {
  const { w, chain } = await ready();
  chain.fates = ['lost-request', 'pending', 'lost-reply'];
  const purchase = pay(w, 'a');
  await settled();
  assert.not(w.portal.clients.get(one)?.open);
  assert.is(depositOf(w, 'a').state, 'open-unknown');
  await w.clock.pass(15_000);
  const first = await purchase;
  assert.is(code(first), 'ok', 'the fourth try within its patience');
  assert.is(chain.chain.size, 1);
  assert.is(code(await pay(w, 'a')), 'ok', 'the same again');
  assert.is(w.engine.accounts.book.runningCount, 1);
});

test('a purchase that takes longer says so, goes on by itself, and is answered under its key', async () => {
  const { w, chain } = await ready();
  chain.fates = Array.from({ length: 8 }, () => 'lost-request');
  const purchase = pay(w, 'a');
  await settled();
  await w.clock.pass(15_001);
  assert.is(code(await purchase), 'payment_pending');
  chain.expired = true;
  await w.clock.pass(600_000);
  assert.is(w.engine.accounts.book.runningOfMac(one)[0]?.state, 'active');
  assert.is(code(await pay(w, 'a')), 'ok');
});

test('who asks again does not wait for the next try', async () => {
  const { w, chain } = await ready();
  chain.fates = Array.from({ length: 8 }, () => 'lost-request');
  const purchase = pay(w, 'a');
  await settled();
  await w.clock.pass(280_000);
  assert.is(code(await purchase), 'payment_pending');
  assert.is(chain.fates.length, 0, 'the next try is minutes away');
  const again = pay(w, 'a');
  await settled();
  assert.is(w.engine.accounts.book.runningOfMac(one)[0]?.state, 'active');
  assert.is(code(await again), 'ok');
});

test('a purchase that is still on its way is never told to sign anew', async () => {
  const { w, chain } = await ready();
  chain.fates = Array.from({ length: 20 }, () => 'lost-request');
  const purchase = pay(w, 'a');
  await settled();
  await w.clock.pass(15_001);
  assert.is(code(await purchase), 'payment_pending');
  chain.expired = true;
  const again = pay(w, 'a');
  await settled();
  await w.clock.pass(15_001);
  assert.is(code(await again), 'payment_pending');
  assert.is(code(await pay(w, 'b')), 'expired_authorization');
});

test('a sale is told of when it is on the disk and its gate has opened', async () => {
  const { w } = await ready();
  let release = () => {};
  const written = new Promise<void>((resolve) => {
    release = resolve;
  });
  const sync = w.journal.sync.bind(w.journal);
  w.journal.sync = async () => {
    if (w.journal.records.some(({ t }) => t === 'sold')) await written;
    return sync();
  };
  let isTold = false;
  const purchase = pay(w, 'a').finally(() => {
    isTold = true;
  });
  await settled();
  assert.ok(depositOf(w, 'a').session, 'it is being written');
  assert.not(isTold);
  release();
  assert.is(value(await purchase).state, 'active');
});

test('after a restart a purchase goes on before its backend is there, and a signature waits', async () => {
  const { w, chain } = await ready();
  chain.fates = ['lost-reply'];
  void pay(w, 'a');
  await settled();
  w.backends = [];
  await w.crash();
  const again = pay(w, 'a');
  await settled();
  w.rounds.backends = new Map([[chain.name, chain]]);
  w.rounds.start();
  const session = value(await again);
  assert.is(session.state, 'active');
  await w.crash();
  assert.is(code(await w.commands.sign(session.id, { units: '11' }, 's')), 'escrow_unready');
});

test('a payment that the chain refuses sells nothing, now and when it is tried again', async () => {
  const { w, chain } = await ready();
  chain.refuses = 'insufficient_funds';
  const refused = await pay(w, 'a');
  assert.is(code(refused), 'payment_rejected');
  assert.match(refused.ok ? '' : refused.message, /insufficient_funds/);
  assert.is(code(await pay(w, 'a')), 'payment_rejected');
  assert.is(w.engine.accounts.book.runningCount, 0);
});

test('one payment is for one purchase', async () => {
  const { w } = await ready();
  await pay(w, 'a');
  assert.is(code(await pay(w, 'a', { key: 'another' })), 'payment_used');
});

test('what cannot be sold is refused before money is taken', async () => {
  const { w, chain } = await ready();
  assert.is(code(await pay(w, 'a', { mac: mac(9), gateway: 'nosuch' })), 'unknown_gateway');
  assert.is(code(await pay(w, 'b', { steps: 0 })), 'bad_steps');
  w.journal.full = true;
  assert.is(code(await pay(w, 'c')), 'storage_full');
  assert.is(chain.opens, 0);
});

test('never is more served than was signed; a further signature adds to it', async () => {
  const { w, chain } = await ready();
  const session = value(await pay(w, 'a', {}, { signed: 4 }));
  assert.is(session.granted.bytes, 4000);
  const more = await w.commands.sign(session.id, { units: '6' }, 's1');
  assert.is(value(more).granted.bytes, 6000);
  assert.is(value(await w.commands.sign(session.id, { units: '6' }, 's1')).granted.bytes, 6000, 'once');
  assert.is(code(await w.commands.sign(session.id, { units: '5' }, 's2')), 'stale_signature');
  assert.is(value(await w.commands.sign(session.id, { units: '99' }, 's3')).granted.bytes, 10_000);
  w.portal.carry(one, 0, 20_000);
  await w.clock.pass(1001);
  await w.clock.pass(1001);
  assert.is(w.engine.accounts.book.get(session.id)?.cause, 'data');
  assert.is(chain.chain.get('a')?.closed?.sellerAmount, '500', 'all that was paid in, and no more');
});

test('a session ends in time to be settled before its deposit expires', async () => {
  const { w, chain } = await ready();
  chain.serveUntil = w.clock.wall() + 60_000;
  const session = value(await pay(w, 'a'));
  await w.clock.pass(59_000);
  assert.is(w.engine.accounts.book.get(session.id)?.state, 'active');
  await w.clock.pass(2_000);
  assert.is(w.engine.accounts.book.get(session.id)?.cause, 'time');
  assert.is(depositOf(w, 'a').state, 'closed');
});

test('a settled deposit whose buyer asks for his money back ends its session, in time to be charged', async () => {
  const { w, chain } = await ready();
  const session = value(await pay(w, 'a'));
  w.portal.carry(one, 0, 2_500);
  await w.clock.pass(20_000);
  assert.ok(depositOf(w, 'a').final);
  chain.serveUntil = w.clock.wall();
  await w.clock.pass(601_000);
  assert.is(w.engine.accounts.book.get(session.id)?.cause, 'time');
  assert.is(chain.chain.get('a')?.closed?.sellerAmount, '150');
});

test('a deposit that the chain loses is sent again, and served on', async () => {
  const { w, chain } = await ready();
  chain.confirmations = 0;
  const session = value(await pay(w, 'a'));
  chain.chain.clear();
  await w.clock.pass(16_000);
  assert.ok(chain.chain.has('a'));
  assert.is(w.engine.accounts.book.get(session.id)?.state, 'active');
  chain.confirmations = 3;
  await w.clock.pass(16_000);
  assert.ok(depositOf(w, 'a').final);
});

test('one that is lost for good ends its session', async () => {
  const { w, chain } = await ready();
  chain.confirmations = 0;
  const session = value(await pay(w, 'a'));
  chain.chain.clear();
  chain.refuses = 'nonce_already_used';
  await w.clock.pass(20_000);
  assert.is(w.engine.accounts.book.get(session.id)?.cause, 'payment-reversed');
  assert.is(depositOf(w, 'a').state, 'rejected');
});

test('money that came and cannot be served goes back', async () => {
  const { w, chain } = await ready();
  chain.fates = ['lost-request', 'lost-request'];
  const purchase = pay(w, 'a');
  await settled();
  // Meanwhile the device got a session that limits other things.
  await w.buy(one, { plan: 'time' });
  await w.clock.pass(20_000);
  assert.is(code(await purchase), 'payment_returned');
  assert.equal(chain.chain.get('a')?.closed, { transaction: '0xc', sellerAmount: '0', buyerRefund: '500' });
});

test('a fixed package is over when the chain has it for good', async () => {
  const { w, chain } = await ready();
  chain.final = true;
  chain.confirmations = 0;
  const session = value(await pay(w, 'a'));
  assert.is(session.state, 'active');
  assert.is(depositOf(w, 'a').state, 'active');
  chain.confirmations = 5;
  await w.clock.pass(16_000);
  assert.is(depositOf(w, 'a').state, 'closed');
  assert.is(depositOf(w, 'a').closed?.sellerAmount, '500');
  w.portal.carry(one, 0, 1000);
  await w.commands.close(session.id, 'user');
  const { refunds } = w.engine.accounts.book.get(session.id)!;
  assert.equal(refunds, [], 'the seller has it all, and so the books say');
});

test('whatever is lost and whenever the router dies, what was used is charged and the rest goes back', async () => {
  const fate = fc.constantFrom<Fate>('ok', 'ok', 'lost-reply', 'lost-request', 'pending');
  const event = fc.oneof(
    {
      weight: 3,
      arbitrary: fc.record({ do: fc.constant('carry' as const), bytes: fc.integer({ min: 1, max: 4000 }) }),
    },
    {
      weight: 2,
      arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 20_000 }) }),
    },
    {
      // Long enough for what was used to be charged.
      weight: 2,
      arbitrary: fc.record({
        do: fc.constant('wait' as const),
        ms: fc.integer({ min: 20_000, max: 900_000 }),
      }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('crash' as const) }) },
    {
      weight: 1,
      arbitrary: fc.record({ do: fc.constant('sign' as const), units: fc.integer({ min: 1, max: 12 }) }),
    },
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(fate, { maxLength: 12 }),
      fc.array(event, { maxLength: 12 }),
      async (fates, events) => {
        const { w, chain } = await ready();
        chain.fates = fates;
        void pay(w, 'a', {}, { signed: 5 });
        for (const [n, e] of events.entries()) {
          await settled();
          if (e.do === 'carry') w.portal.carry(one, 0, e.bytes);
          if (e.do === 'wait') await w.clock.pass(e.ms);
          if (e.do === 'crash') await w.crash();
          const [session] = w.engine.accounts.book.runningOfMac(one);
          if (e.do === 'sign' && session) await w.commands.sign(session.id, { units: `${e.units}` }, `s${n}`);
        }
        await w.clock.pass(2_000_000);
        const deposit = depositOf(w, 'a');
        const session = w.engine.accounts.book.get(deposit.session ?? '');
        assert.ok(session, `no session, and the deposit is ${deposit.state}`);
        await w.commands.close(session.id, 'user');
        await w.clock.pass(2_000_000);
        const { closed } = chain.chain.get('a')!;
        const ended = w.engine.accounts.book.get(session.id)!;
        const used = Math.min(ended.usage.up + ended.usage.down, ended.granted.bytes!);
        assert.is(closed?.sellerAmount, String(Math.ceil(used / 1000) * 50));
        assert.is(Number(closed?.sellerAmount) + Number(closed?.buyerRefund), 500);
        assert.is(depositOf(w, 'a').state, 'closed');
      },
    ),
    { numRuns: 80 },
  );
});

test.run();
