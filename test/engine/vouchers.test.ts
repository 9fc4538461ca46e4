// Vouchers from the making to the last byte: on other devices, after a restart, guessed and made void.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { voucherState } from '../../src/domain/voucher.js';
import type { VoucherOrder } from '../../src/engine/voucher-batches.js';
import type { Result } from '../../src/ports/result.js';
import fc from '../rig/properties.js';
import { TestPortal } from './portal.js';
import { mac, type World, world } from './world.js';

async function ready(): Promise<World> {
  const w = await world([new TestPortal('lan')]);
  for (const n of [1, 2, 3]) w.portal.join(mac(n));
  await w.clock.pass(1001);
  return w;
}

let keys = 0;
async function make(w: World, over: Partial<VoucherOrder> = {}) {
  keys += 1;
  const made = await w.desk.create({
    plan: 'data',
    steps: 10,
    count: 1,
    reuse: true,
    key: `v${keys}`,
    ...over,
  });
  assert.ok(made.ok, codeOf(made));
  return made.value;
}

async function redeem(w: World, code: string, n: number) {
  const taking = w.desk.redeem(code, { mac: mac(n) });
  await w.clock.pass(1);
  return taking;
}

const codeOf = (result: Result<unknown>) => (result.ok ? 'ok' : result.code);
const first = (w: World) => [...w.engine.accounts.book.vouchers.all()][0]!;
const stateOf = (w: World) => voucherState(first(w), w.clock.wall());

test('codes are unambiguous, all different, printed in two halves, and nowhere but in the answer', async () => {
  const w = await ready();
  const { codes, batch } = await make(w, { count: 500 });
  assert.is(new Set(codes).size, 500);
  for (const code of codes) assert.match(code, /^[A-HJKMNP-Z2-9]{5}-[A-HJKMNP-Z2-9]{5}$/);
  assert.is(w.engine.accounts.book.vouchers.batch(batch.id).length, 500);
  const sold = await redeem(w, codes[7]!.toLowerCase().replace('-', ' '), 1);
  assert.ok(sold.ok && sold.value.state === 'active');
  // The test's hash is the code in plain text, so that only what should be hashed is: all else must be free of it.
  const kept = JSON.stringify([w.journal.records, w.engine.accounts.book.toPlain(0), w.log]);
  const plain = codes[7]!.replace('-', '');
  assert.is(kept.split(plain).length - 1, kept.split(`hash of ${plain}`).length - 1);
});

test('a batch for tills has codes of digits alone, which are redeemed as the others are', async () => {
  const w = await ready();
  const { codes } = await make(w, { count: 20, digits: true });
  for (const code of codes) assert.match(code, /^\d{4}-\d{4}-\d{4}-\d{4}$/);
  const sold = await redeem(w, codes[3]!.replaceAll('-', ' '), 1);
  assert.ok(sold.ok && sold.value.state === 'active');
});

test('what a device leaves unused, another one gets; the first is closed before', async () => {
  const w = await ready();
  const { codes } = await make(w);
  const one = await redeem(w, codes[0]!, 1);
  assert.ok(one.ok);
  w.portal.carry(mac(1), 1000, 2000);
  await w.clock.pass(1000);
  w.portal.commands.length = 0;
  const two = await redeem(w, codes[0]!, 2);
  assert.ok(two.ok && two.value.granted.bytes === 7000);
  assert.equal(w.portal.commands, [`close ${mac(1)}`, `open ${mac(2)}`]);
  assert.is(w.engine.accounts.book.get(one.value.id)?.cause, 'conflict');
  assert.equal(
    w.engine.accounts.book.get(one.value.id)?.refunds,
    [],
    'the rest is on the voucher, not owed in money',
  );
  const again = await redeem(w, codes[0]!, 2);
  assert.is(again.ok && again.value.id, two.value.id, 'the same device has the same session');
});

test('the remainder outlives a restart, and a spent voucher is spent', async () => {
  const w = await ready();
  const { codes } = await make(w);
  const one = await redeem(w, codes[0]!, 1);
  assert.ok(one.ok);
  w.portal.carry(mac(1), 0, 4000);
  await w.clock.pass(1000);
  const closing = w.commands.close(one.value.id, 'user');
  await w.clock.pass(1);
  await closing;
  await w.crash();
  assert.is(stateOf(w), 'partly_used');
  assert.is(first(w).remaining.bytes, 6000);
  w.portal.join(mac(1));
  await w.clock.pass(1000);
  const rest = await redeem(w, codes[0]!, 1);
  assert.ok(rest.ok && rest.value.granted.bytes === 6000);
  w.portal.carry(mac(1), 0, 6000);
  await w.clock.pass(5000);
  assert.is(stateOf(w), 'spent');
  assert.is(codeOf(await redeem(w, codes[0]!, 1)), 'voucher_spent');
});

test('revenue is counted at the first use, and once', async () => {
  const w = await ready();
  const { codes } = await make(w);
  const revenue = () =>
    (w.engine.accounts.book.stats.toPlain().quarters ?? [])
      .flatMap((b) => b.revenue.map((m) => m.amount))
      .join();
  assert.is(revenue(), '');
  await redeem(w, codes[0]!, 1);
  await redeem(w, codes[0]!, 2);
  assert.is(revenue(), '500');
});

test('a single-use voucher is good for one device and one session', async () => {
  const w = await ready();
  const { codes } = await make(w, { reuse: false });
  const one = await redeem(w, codes[0]!, 1);
  assert.ok(one.ok);
  assert.is(codeOf(await redeem(w, codes[0]!, 2)), 'voucher_in_use');
  const closing = w.commands.close(one.value.id, 'user');
  await w.clock.pass(1);
  await closing;
  assert.is(codeOf(await redeem(w, codes[0]!, 1)), 'voucher_spent');
});

test('expired and void vouchers are refused; a session that runs goes on', async () => {
  const w = await ready();
  const until = w.clock.wall() + 10_000;
  const { codes, batch } = await make(w, { count: 2, validUntil: until });
  const one = await redeem(w, codes[0]!, 1);
  assert.ok(one.ok);
  assert.is(codeOf(await w.desk.cancel(batch.id, 1)), 'ok');
  await w.clock.pass(10_000);
  assert.is(w.engine.accounts.book.get(one.value.id)?.state, 'active');
  assert.is(codeOf(await redeem(w, codes[1]!, 2)), 'voucher_expired');
  const closing = w.commands.close(one.value.id, 'user');
  await w.clock.pass(1);
  await closing;
  assert.is(codeOf(await redeem(w, codes[0]!, 1)), 'voucher_void');
  assert.is(codeOf(await w.desk.cancel('nosuch', undefined)), 'unknown_voucher');
});

test('a device that runs another plan keeps it, and the voucher stays unused', async () => {
  const w = await ready();
  const { codes } = await make(w);
  const buying = w.buy(mac(1), { plan: 'time' });
  await w.clock.pass(1);
  await buying;
  assert.is(codeOf(await redeem(w, codes[0]!, 1)), 'limits_differ');
  assert.is(stateOf(w), 'unused');
});

test('guessing is slowed down for each client and for all; a right code costs nothing', async () => {
  const w = await ready();
  const { codes } = await make(w, { count: 9 });
  const guess = (n: number) => redeem(w, 'AAAAA-AAAAA', n);
  for (let i = 0; i < 5; i++) assert.is(codeOf(await guess(1)), 'unknown_voucher');
  assert.is(codeOf(await guess(1)), 'too_many_attempts');
  assert.is(codeOf(await redeem(w, codes[0]!, 1)), 'too_many_attempts', 'a right one too, or it would tell');
  assert.is(codeOf(await redeem(w, codes[0]!, 2)), 'ok', 'others are not held up');
  await w.clock.pass(60_000);
  assert.is(codeOf(await guess(1)), 'unknown_voucher', 'forgiven one by one');
  assert.is(codeOf(await guess(1)), 'too_many_attempts');
  let tried = 0;
  for (let n = 10; n < 110; n++) if (codeOf(await guess(n)) === 'unknown_voucher') tried += 1;
  assert.ok(tried >= 59 && tried <= 61, `${tried} guesses under as many addresses`);
});

test('devices that guess use up the limit for all: who has a right code is let in, and nobody learns more', async () => {
  const w = await ready();
  const { codes } = await make(w, { count: 9 });
  const guess = (n: number) => redeem(w, 'AAAAA-AAAAA', n);
  for (let n = 10; n < 80; n++) await guess(n);
  assert.is(codeOf(await guess(1)), 'too_many_attempts', 'a slip is refused as all guesses are now');
  assert.is(codeOf(await redeem(w, codes[0]!, 1)), 'ok');
  for (let n = 0; n < 4; n++) await guess(2);
  assert.is(codeOf(await guess(2)), 'too_many_attempts');
  assert.is(codeOf(await redeem(w, codes[1]!, 2)), 'too_many_attempts', 'five of its own were wrong');
});

test('a full disk makes no vouchers and takes none', async () => {
  const w = await ready();
  const { codes } = await make(w);
  w.journal.full = true;
  assert.is(codeOf(await redeem(w, codes[0]!, 1)), 'storage_full');
  const more = await w.desk.create({ plan: 'data', count: 1, reuse: true, key: 'full' });
  assert.is(codeOf(more), 'storage_full');
  assert.is(w.engine.accounts.book.vouchers.size, 1);
  assert.is(stateOf(w), 'unused');
  w.journal.full = false;
  assert.is(codeOf(await redeem(w, codes[0]!, 1)), 'ok');
});

test('a sale that could not be made durable gives the voucher back', async () => {
  const w = await ready();
  const { codes } = await make(w);
  w.journal.failSync = true;
  assert.is(codeOf(await redeem(w, codes[0]!, 1)), 'storage_failed');
  assert.is(stateOf(w), 'unused');
  w.journal.failSync = false;
  const sold = await redeem(w, codes[0]!, 1);
  assert.ok(sold.ok && sold.value.granted.bytes === 10_000);
});

test('a repeated key has the same codes; the same key for another batch is an error', async () => {
  const w = await ready();
  const order = { plan: 'data', count: 3, reuse: true, key: 'same' };
  const [one, two] = [await w.desk.create(order), await w.desk.create(order)];
  assert.equal(one, two);
  assert.is(codeOf(await w.desk.create({ ...order, count: 4 })), 'key_conflict');
  await w.crash();
  assert.is(
    codeOf(await w.desk.create(order)),
    'forgotten',
    'the codes are known to the paper alone by then',
  );
  assert.is(w.engine.accounts.book.vouchers.size, 3);
  assert.is(codeOf(await w.desk.create({ ...order, key: 'more', count: 9_998 })), 'too_many_vouchers');
});

test('however a voucher moves between devices, it lets through what it is worth and no more', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.oneof(
          fc.record({ device: fc.integer({ min: 1, max: 3 }) }),
          fc.record({ bytes: fc.nat(3000) }),
          fc.constant({ crash: true }),
        ),
        { maxLength: 15 },
      ),
      async (steps) => {
        const w = await ready();
        const { codes } = await make(w);
        for (const step of steps) {
          for (const n of [1, 2, 3]) if (!w.portal.clients.has(mac(n))) w.portal.join(mac(n));
          if ('device' in step) await redeem(w, codes[0]!, step.device);
          else if ('bytes' in step) for (const n of [1, 2, 3]) w.portal.carry(mac(n), 0, step.bytes);
          else await w.crash();
          await w.clock.pass(1000);
        }
        for (const session of [...w.engine.accounts.book.running()]) {
          const closing = w.commands.close(session.id, 'user');
          await w.clock.pass(1000);
          await closing;
        }
        let used = 0;
        for (const { granted, usage } of w.engine.accounts.book.all()) {
          used += Math.min(granted.bytes!, usage.up + usage.down);
        }
        assert.is(used + first(w).remaining.bytes!, 10_000);
        assert.equal(w.journal.replay().vouchers.toPlain(), w.engine.accounts.book.vouchers.toPlain());
      },
    ),
    { numRuns: 100 },
  );
});

test('a router that has never heard the time takes vouchers without an end, and says why it waits with others', async () => {
  const w = await ready();
  const { codes: ending } = await make(w, { validUntil: w.clock.wall() + 1_000_000 });
  const { codes: endless } = await make(w);
  w.clock.state = 'unset';
  assert.is(codeOf(await redeem(w, ending[0]!, 1)), 'clock_not_set');
  assert.is(codeOf(await redeem(w, endless[0]!, 1)), 'ok');
  w.clock.state = 'set';
  assert.is(codeOf(await redeem(w, ending[0]!, 2)), 'ok');
});

test.run();
