// Long lists: nothing in them is out of reach, and the numbers are those of all of it.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { answer, methods } from '../../src/api/control.js';
import type { Service } from '../../src/api/service.js';
import type { View } from '../../src/api/view.js';
import { lotOf } from '../../src/domain/lot.js';
import { newSession, type Session } from '../../src/domain/session.js';
import { serviceOf } from '../../src/wiring/service.js';
import { mac, plan, world } from '../engine/world.js';
import { listing, sample } from '../luci-app/escrows.js';

const lot = lotOf(plan('data'), 1, { method: 'cash', reference: 'till 1' }, { at: 0, key: 'k' });
const user = (n: number) => `guest-${`${n}`.padStart(4, '0')}`;

function session(n: number, state: Session['state']): Session {
  const fresh = newSession({ id: `s${n}`, mac: mac(n % 250), gateway: 'lan', user: user(n) }, lot);
  return { ...fresh, state, createdAt: n };
}

/** 1,300 sessions, of which the first 40 are active. */
const many = Array.from({ length: 1300 }, (_, n) => session(n, n < 40 ? 'active' : 'suspended'));
const service = {
  sessions: () => many,
  session: (id: string) => many.find((one) => one.id === id),
  rates: () => ({ up: 0, down: 0 }),
  plans: () => [plan('data')],
  log: () => {},
} as unknown as Service;
const sessions = (args: View) => answer(methods.sessions!, args, service);
const usersOf = (reply: View) => (reply.sessions as View[]).map((one) => one.user);

test('a page of 1,300 sessions says how many there are, and how many are online', async () => {
  const reply = await sessions({ state: 'live', offset: 0, limit: 50 });
  assert.equal([reply.count, reply.online, usersOf(reply).length], [1300, 40, 50]);
  assert.is((await sessions({ state: 'live', limit: 1 })).count, 1300, 'also where pages go by after');
});

test('every page is reached by its offset, and the last one is short', async () => {
  const reply = await sessions({ offset: 1290, limit: 50 });
  assert.equal(
    usersOf(reply),
    many.slice(1290).map((one) => one.user),
  );
  assert.equal(usersOf(await sessions({ offset: 5000 })), []);
});

test('a search finds the one session that is meant, whatever its letters’ case', async () => {
  const reply = await sessions({ search: 'GUEST-1234' });
  assert.equal([reply.count, usersOf(reply)], [1, ['guest-1234']]);
  assert.is((await sessions({ search: 'till 1' })).count, 1300, 'by its receipt');
  assert.is((await sessions({ search: 'nobody' })).count, 0);
});

test('one of several words is enough', async () => {
  const reply = await sessions({ search: 'guest-0007 | guest-0009 |' });
  assert.equal(usersOf(reply), ['guest-0007', 'guest-0009']);
});

test('a list is sorted before it is cut, both ways', async () => {
  assert.equal(usersOf(await sessions({ sort: '-client', limit: 2 })), ['guest-1299', 'guest-1298']);
  assert.equal(usersOf(await sessions({ sort: 'created', limit: 1 })), ['guest-0000']);
});

test('the time that is left sorts, too: what has no end stands last', async () => {
  const open = (n: number, millis?: number) => {
    const one = { ...session(n, 'active'), openedAt: 0 };
    return { ...one, granted: { ...(millis === undefined ? { bytes: 1 } : { millis }) } } as Session;
  };
  const few = [open(1), open(2, 5000), open(3, 900)];
  const some = {
    ...service,
    now: () => 0,
    sessions: () => few,
    session: () => undefined,
  } as unknown as Service;
  const reply = (await answer(methods.sessions!, { sort: 'left' }, some)) as View;
  assert.equal(usersOf(reply), ['guest-0003', 'guest-0002', 'guest-0001']);
});

test('sums of deposits are over all that match, whatever the page has', async () => {
  const list = listing(sample);
  const reply = await list({ sort: '-created', limit: 1 });
  assert.equal([(reply.deposits as View[]).length, reply.count], [1, 5]);
  const { rejected, closed, disputed, active, opening } = reply.states as View;
  assert.equal([rejected, closed, disputed, active, opening], [1, 1, 1, 1, 0]);
  const usdc = (amount: string) => ({ amount, currency: 'USDC' });
  const [held, earned, returned] = [usdc('24.691340'), usdc('4.938268'), usdc('7.407402')];
  assert.equal(reply.totals, [{ held, earned, returned }]);
  assert.is((await list({ search: 'disputed|nothing' })).count, 1);
});

test('a search has room for twenty devices, and no more than it needs', async () => {
  const macs = Array.from({ length: 20 }, (_, n) => mac(n)).join('|');
  assert.is((await sessions({ search: macs })).error, undefined);
  assert.is(((await sessions({ search: 'x'.repeat(601) })).error as View).code, 'bad_argument');
});

test('what cannot be sorted by, or goes with nothing else, is refused', async () => {
  const code = async (args: View) => ((await sessions(args)).error as View | undefined)?.code;
  assert.is(await code({ sort: 'colour' }), 'bad_argument');
  assert.is(await code({ sort: '__proto__' }), 'bad_argument');
  assert.is(await code({ sort: 'state', after: 's3' }), 'bad_argument');
  assert.is(await code({ offset: -1 }), 'bad_argument');
});

test('of 10,000 vouchers the last batch is found, counted and voided', async () => {
  const w = await world();
  const full = serviceOf(w.engine, w.commands, w.desk, {} as never);
  const call = (method: string, args: View) => answer(methods[method]!, args, full);
  let last = '';
  for (let n = 0; n < 20; n += 1) {
    const made = await call('voucher_create', { plan: 'data', count: 500, idempotency_key: `b${n}` });
    last = String(made.batch);
  }
  const all = await call('vouchers', { limit: 1 });
  assert.is(all.count, 10_000);
  const found = await call('vouchers', { search: last, sort: '-id', limit: 10 });
  assert.equal([found.count, (found.vouchers as View[]).length], [500, 10]);
  assert.equal(await call('voucher_void', { id: last }), { voided: 500 });
  const { count, states } = await call('vouchers', { offset: 9990, limit: 10 });
  assert.equal([count, (states as View).void, (states as View).unused], [10_000, 500, 9500]);
});

test.run();
