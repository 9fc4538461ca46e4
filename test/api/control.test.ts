import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { answer, methods } from '../../src/api/control.js';
import type { View } from '../../src/api/view.js';
import { serviceOf } from '../../src/wiring/service.js';
import { mac, type World, world } from '../engine/world.js';
import fc from '../rig/properties.js';

async function ready() {
  const w = await world();
  w.portal.join(mac(1));
  await w.clock.pass(1001);
  const service = serviceOf(w.engine, w.commands, w.desk, {
    status: () => ({ version: 'test' }),
    reload: async () => ({ applied: true }),
    testUpstream: async () => undefined,
    acknowledgeDamage: async () => 0,
    setup: async () => ({ ok: true, value: { changes: [], kept: [], done: false } }),
    orders: {
      get: () => undefined,
      create: async () => ({ ok: false, code: 'unknown_method', message: 'there is no hook' }),
    } as never,
    log: (level, text) => w.log.push(`${level} ${text}`),
  });
  const call = (method: string, args: View = {}) => answer(methods[method]!, args, service);
  return { w, call };
}

function codeOf(reply: View): unknown {
  return (reply.error as View | undefined)?.code ?? 'ok';
}

function state(w: World): string {
  return JSON.stringify([w.journal.records, w.portal.commands, w.engine.accounts.book.toPlain(0)]);
}

const order = {
  mac: mac(1),
  plan: 'data',
  payment: { method: 'cash', reference: 'till 1' },
  idempotency_key: 'k1',
};

test('a purchase answers with the session, money as decimal strings', async () => {
  const { call } = await ready();
  const reply = await call('purchase', { ...order, steps: 3, ubus_rpc_session: 'secret' });
  assert.is(reply.state, 'active');
  assert.equal(reply.granted, { bytes: 3000 });
  assert.equal(reply.remaining, { bytes: 3000 });
  assert.equal((reply.lots as View[])[0]?.paid, { amount: '1.50', currency: 'USD' });
  assert.equal(await call('session', { id: reply.id }), reply);
  assert.equal(await call('session', { mac: mac(1) }), reply);
});

test('a cashier finds a device by the code on its page, its MAC, its user and the number on a receipt', async () => {
  const { call } = await ready();
  const { code } = await call('till', { mac: mac(1) });
  const { id } = await call('purchase', { ...order, user: 'ada' });
  const device = { mac: mac(1), code, session: id, state: 'active', user: 'ada' };
  for (const what of [code, mac(1).toUpperCase().replaceAll(':', '-'), 'ada', id]) {
    assert.equal(await call('find', { what }), { devices: [device] }, String(what));
  }
  assert.equal(await call('find', { what: '0000' }), { devices: [] });
  assert.is(codeOf(await call('find', { what: ' ' })), 'bad_argument');
});

test('who leaves is told what goes back: money at the till, and the rest to the voucher', async () => {
  const { w, call } = await ready();
  w.portal.join(mac(2));
  await w.clock.pass(1001);
  await call('purchase', { ...order, steps: 3 });
  const { codes, batch } = await call('voucher_create', {
    plan: 'data',
    steps: 4,
    count: 1,
    idempotency_key: 'v',
  });
  await call('voucher_redeem', { code: (codes as string[])[0], mac: mac(2) });
  for (const n of [1, 2]) w.portal.carry(mac(n), 0, 1500);
  const paid = await call('close', { mac: mac(1), reason: 'user' });
  assert.equal([paid.cause, paid.vouchers], ['user', undefined]);
  assert.equal((paid.refunds as View[])[0], {
    ...{ method: 'cash', reference: 'till 1', count: 1 },
    ...{ amount: '0.50', currency: 'USD', state: 'owed' },
  });
  const printed = await call('close', { mac: mac(2), reason: 'user' });
  assert.equal(printed.refunds, []);
  assert.equal(printed.vouchers, [{ id: `${batch}-1`, remaining: { bytes: 2500 } }]);
});

test('of two tills that close one session one hears that it was closed before', async () => {
  const { w, call } = await ready();
  await w.clock.pass(1001);
  const { id } = await call('purchase', { ...order, steps: 3 });
  const both = await Promise.all([call('close', { id }), call('close', { id })]);
  assert.equal(both.map(({ already }) => already).sort(), [true, undefined]);
  const amounts = both.map(({ refunds }) => (refunds as View[])[0]!.amount);
  assert.equal(amounts, ['1.50', '1.50'], 'both say how much');
  assert.is((await call('close', { id })).already, true);
});

test('what is left is told in numbers, with its end and whether it can be extended', async () => {
  const { w, call } = await ready();
  await call('purchase', { ...order, plan: 'time', steps: 2 });
  await w.clock.pass(30_400);
  const usage = await call('usage', { mac: mac(1) });
  assert.equal(usage.remaining, { seconds: 90 });
  assert.is(usage.ends, Math.floor((w.clock.wall() - 30_400 + 120_000) / 1000));
  assert.is(usage.can_extend, true);
});

test('bad input has a stable code and changes nothing', async () => {
  const { w, call } = await ready();
  const before = state(w);
  const cases: [string, View, string][] = [
    ['purchase', {}, 'bad_argument'],
    ['purchase', { ...order, mac: 'zz:00:00:00:00:01' }, 'bad_mac'],
    ['purchase', { ...order, mac: 7 }, 'bad_argument'],
    ['purchase', { ...order, mac: 'ff:ff:ff:ff:ff:ff' }, 'bad_mac'],
    ['purchase', { ...order, plan: 'nosuch' }, 'unknown_plan'],
    ['purchase', { ...order, plan: 'x'.repeat(100_000) }, 'bad_argument'],
    ['purchase', { ...order, steps: 0 }, 'bad_steps'],
    ['purchase', { ...order, steps: -1 }, 'bad_steps'],
    ['purchase', { ...order, steps: 2 ** 53 - 1 }, 'bad_steps'],
    ['purchase', { ...order, steps: 2n ** 62n }, 'bad_steps'],
    ['purchase', { ...order, steps: 1.5 }, 'bad_argument'],
    ['purchase', { ...order, steps: '1' }, 'bad_argument'],
    ['purchase', { ...order, payment: {} }, 'bad_payment'],
    ['purchase', { ...order, payment: [] }, 'bad_argument'],
    ['purchase', { ...order, payment: { method: 'cash', reference: 'x'.repeat(65) } }, 'bad_payment'],
    ['purchase', { ...order, idempotency_key: '' }, 'bad_key'],
    ['purchase', { ...order, idempotency_key: 'k'.repeat(129) }, 'bad_key'],
    ['purchase', { ...order, idempotency_key: 'with space' }, 'bad_key'],
    ['purchase', { ...order, user: 'a\nb' }, 'bad_argument'],
    ['purchase', { ...order, gateway: 'nosuch' }, 'unknown_gateway'],
    ['purchase', { ...order, surprise: 1 }, 'bad_argument'],
    ['grant', { mac: mac(1), reason: 'r', idempotency_key: 'g' }, 'bad_argument'],
    ['grant', { mac: mac(1), bytes: 0, reason: 'r', idempotency_key: 'g' }, 'bad_argument'],
    ['grant', { mac: mac(1), bytes: 1, reason: 'a\nb', idempotency_key: 'g' }, 'bad_argument'],
    ['close', {}, 'bad_argument'],
    ['close', { id: 'nosuch' }, 'unknown_session'],
    ['close', { mac: mac(9) }, 'unknown_session'],
    ['close', { mac: mac(9), reason: 'data' }, 'bad_reason'],
    ['session', { id: '../../etc/passwd' }, 'bad_argument'],
    ['sessions', { state: 'asleep' }, 'bad_argument'],
    ['sessions', { limit: 0 }, 'bad_argument'],
    ['sessions', { after: 'nosuch' }, 'unknown_session'],
    ['usage', { mac: mac(9) }, 'unknown_session'],
    ['logout_user', {}, 'bad_argument'],
    ['logout_user', { user: 'ada', reason: 'data' }, 'bad_reason'],
    ['quote', { plan: 'data', amount: '0.001' }, 'bad_amount'],
    ['stats', { from: 10, to: 5 }, 'bad_argument'],
    ['stats', { step: 1 }, 'bad_argument'],
    ['stats', { from: 0, to: 1_790_000_000 }, 'bad_argument'],
  ];
  for (const [method, args, code] of cases) {
    const reply = await call(method, args);
    assert.is(codeOf(reply), code, `${method} ${Object.keys(args)} ${JSON.stringify(reply)}`);
    assert.ok(JSON.stringify(reply).length < 600, 'a long argument is not sent back');
  }
  assert.is(state(w), before);
});

test('any arguments get an answer, never a throw', async () => {
  const { call } = await ready();
  const names = [...new Set(Object.values(methods).flatMap((m) => Object.keys(m.args)))];
  const value = fc.oneof(fc.anything({ withBigInt: true }), fc.constantFrom(mac(1), 'data', 'k1', 1, 0));
  const args = fc.dictionary(fc.constantFrom(...names, '__proto__', 'constructor'), value);
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...Object.keys(methods)), args, async (method, given) => {
      const reply = await call(method, given);
      assert.is(typeof reply, 'object');
      assert.is.not(codeOf(reply), 'internal');
    }),
    { numRuns: 2000 },
  );
});

test('sessions are listed page by page, each once', async () => {
  const { w, call } = await ready();
  const ids: unknown[] = [];
  for (let n = 1; n <= 7; n++) {
    const buying = call('purchase', { ...order, mac: mac(n), idempotency_key: `k${n}` });
    await w.clock.pass(1);
    ids.push((await buying).id);
  }
  const seen: unknown[] = [];
  let after: View = {};
  for (let page = 0; page < 5; page++) {
    const reply = await call('sessions', { limit: 3, ...after });
    seen.push(...(reply.sessions as View[]).map((s) => s.id));
    if (reply.next === undefined) break;
    after = { after: reply.next };
  }
  assert.equal(seen, ids);
  assert.is(((await call('sessions', { state: 'active' })).sessions as View[]).length, 1);
  assert.is(((await call('sessions', { state: 'live' })).sessions as View[]).length, 7);
  await call('close', { id: ids[6] });
  assert.is(((await call('sessions', { state: 'live' })).sessions as View[]).length, 6);
});

test('sessions with 2,000 purchases each are all on one page', async () => {
  const { w, call } = await ready();
  for (let n = 1; n <= 4; n++) {
    const buying = call('purchase', { ...order, mac: mac(n), idempotency_key: `m${n}` });
    await w.clock.pass(1);
    await buying;
    const [session] = w.engine.accounts.book.runningOfMac(mac(n));
    w.engine.accounts.book.replace({ ...session!, lots: Array(2000).fill(session!.lots[0]) });
  }
  const reply = await call('sessions');
  assert.is((reply.sessions as View[]).length, 4);
  assert.equal(
    (reply.sessions as View[]).map((session) => session.lots_count),
    [2000, 2000, 2000, 2000],
  );
  assert.ok(JSON.stringify(reply).length < 20_000);
});

test('sessions with long references make shorter pages, and none is left out', async () => {
  const { w, call } = await ready();
  for (let n = 1; n <= 4; n++) {
    const buying = call('purchase', { ...order, mac: mac(n), idempotency_key: `m${n}` });
    await w.clock.pass(1);
    await buying;
    const [session] = w.engine.accounts.book.runningOfMac(mac(n));
    const [lot] = session!.lots;
    const long = { ...lot!, funding: { ...lot!.funding, reference: 'x'.repeat(20_000) } };
    w.engine.accounts.book.replace({ ...session!, lots: Array(8).fill(long) });
  }
  const pages: number[] = [];
  const seen: unknown[] = [];
  for (let after: View = {}; ; ) {
    const reply = await call('sessions', after);
    assert.ok(JSON.stringify(reply).length < 600_000);
    pages.push((reply.sessions as View[]).length);
    seen.push(...(reply.sessions as View[]).map((s) => s.mac));
    if (reply.next === undefined) break;
    after = { after: reply.next };
  }
  assert.ok(pages.length > 1, `${pages}`);
  assert.equal(seen, [1, 2, 3, 4].map(mac));
});

test('the statistics add up to what was sold and used', async () => {
  const { w, call } = await ready();
  const sold = await call('purchase', { ...order, steps: 4 });
  w.portal.carry(mac(1), 100, 1400);
  await w.clock.pass(1001);
  await call('close', { id: sold.id, reason: 'admin' });
  const { series } = await call('stats');
  const sums = (series as View[]).filter((s) => s.sessions !== 0);
  assert.is(sums.length, 1);
  assert.equal(sums[0]?.revenue, [{ amount: '1.00', currency: 'USD' }]);
  assert.is(sums[0]?.up_bytes, 100);
  assert.is(sums[0]?.down_bytes, 1400);
});

test('logout_user and grant answer with sessions; a quote has the price', async () => {
  const { call } = await ready();
  const grant = { mac: mac(1), seconds: 60, reason: 'guest', idempotency_key: 'g1', user: 'ada' };
  assert.equal((await call('grant', grant)).granted, { seconds: 60 });
  const out = await call('logout_user', { user: 'ada' });
  assert.is((out.sessions as View[])[0]?.cause, 'pc-logout');
  const quote = await call('quote', { plan: 'data', amount: '1.60' });
  assert.equal(quote, {
    plan: 'data',
    steps: 3,
    allotment: { bytes: 3000 },
    price: { amount: '1.50', currency: 'USD' },
    payment: [{ method: 'cash', amount: '1.50', currency: 'USD' }],
  });
});

test('codes are asked for again by their batch, and the list says of which', async () => {
  const { w, call } = await ready();
  w.engine.configure({ ...w.engine.settings, reprint: true });
  const order = { plan: 'data', count: 2, reprint: true, idempotency_key: 'v1' };
  const made = await call('voucher_create', order);
  assert.is(made.reprint, true);
  assert.equal(await call('voucher_codes', { batch: made.batch }), made);
  await call('voucher_create', { ...order, reprint: false, idempotency_key: 'v2' });
  const flags = ((await call('vouchers')).vouchers as View[]).map((v) => v.reprint);
  assert.equal(flags, [true, true, undefined, undefined]);
  await call('voucher_void', { id: `${made.batch}-1` });
  assert.is(codeOf(await call('voucher_codes', { batch: made.batch })), 'codes_not_kept');
});

test('vouchers over ubus: made, listed page by page, redeemed, made void', async () => {
  const { w, call } = await ready();
  const order = { plan: 'data', steps: 2, count: 3, idempotency_key: 'v1' };
  const made = await call('voucher_create', order);
  assert.is((made.codes as string[]).length, 3);
  assert.equal(made.price, { amount: '1.00', currency: 'USD' });
  assert.equal(await call('voucher_create', order), made);
  const page = await call('vouchers', { limit: 2 });
  const rest = await call('vouchers', { limit: 2, after: page.next });
  const ids = [...(page.vouchers as View[]), ...(rest.vouchers as View[])].map((v) => v.id);
  assert.equal(
    ids,
    [1, 2, 3].map((n) => `${made.batch}-${n}`),
  );
  const taking = call('voucher_redeem', { code: (made.codes as string[])[1], mac: mac(1) });
  await w.clock.pass(1);
  assert.equal((await taking).granted, { bytes: 2000 });
  assert.equal(await call('voucher_void', { id: `${made.batch}-3` }), { voided: 1 });
  const states = ((await call('vouchers')).vouchers as View[]).map((v) => v.state);
  assert.equal(states, ['unused', 'in_use', 'void']);
  assert.is(((await call('vouchers', { state: 'in_use' })).vouchers as View[]).length, 1);
  const bad: [string, View, string][] = [
    ['voucher_create', { ...order, count: 0 }, 'bad_argument'],
    ['voucher_create', { ...order, count: 501 }, 'bad_argument'],
    ['voucher_create', { ...order, plan: 'nosuch', idempotency_key: 'v3' }, 'unknown_plan'],
    ['voucher_create', { ...order, steps: 0 }, 'bad_steps'],
    ['voucher_create', { ...order, valid_until: 5, idempotency_key: 'v2' }, 'bad_argument'],
    ['voucher_redeem', { code: 'x', mac: mac(2) }, 'unknown_voucher'],
    ['voucher_redeem', { code: 'x' }, 'bad_mac'],
    ['voucher_void', { id: '../etc' }, 'unknown_voucher'],
    ['voucher_codes', {}, 'bad_argument'],
    ['voucher_codes', { batch: 'nosuch' }, 'unknown_voucher'],
    ['voucher_codes', { batch: made.batch }, 'codes_not_kept'],
    ['vouchers', { state: 'lost' }, 'bad_argument'],
    ['vouchers', { after: 'nosuch-1' }, 'unknown_voucher'],
  ];
  for (const [method, args, code] of bad)
    assert.is(codeOf(await call(method, args)), code, JSON.stringify(args));
});

test.run();
