// What a router buys for itself upstream, when, and what that may cost.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { until } from '../../rig/until.js';
import { Row } from './row.js';

const coins = [64, 32, 4, 64, 32, 4, 32, 16, 2];
const total = coins.reduce((sum, one) => sum + one, 0);

const test = suite<{ row: Row }>('buying upstream');
test.before.each(async (c) => {
  c.row = await Row.open(coins);
});
test.after.each(({ row }) => row.seller.end());

test('a router without access buys it, and says what it has and what that cost', async ({ row }) => {
  await row.buyer.look();
  assert.is(row.granted, 10_000, 'for 100 sat');
  await row.buyer.look();
  const { state, error, bought } = row.buyer.standing;
  assert.equal([state, error], ['up', '']);
  assert.equal(bought, {
    ...{ left: 10_000, allotment: 10_000, metric: 'bytes', unit: 'sat', spent_today: 100, day_limit: 250 },
  });
  assert.is(row.purse(), total - 100);
  assert.is(row.sent.length, 1);
});

test('more is bought when little is left, and not before', async ({ row }) => {
  await row.buyer.look();
  await row.carry(7_900);
  await row.buyer.look();
  assert.is(row.sent.length, 1, 'a fifth is left');
  await row.carry(200);
  await row.buyer.look();
  assert.is(row.granted, 20_000);
});

test('no more is spent in a day than may be, also after a restart, and again the day after', async ({
  row,
}) => {
  for (let n = 0; n < 4; n++) {
    await row.buyer.look();
    await row.carry(row.granted * 0.9);
    await row.crash();
  }
  assert.is(row.spentToday, 250);
  await row.buyer.look();
  assert.match(row.why, /10 sat are the least that is sold, and 0 may be spent now/);
  assert.is(row.purse(), total - 250);
  await row.router.world.clock.pass(86_400_001);
  assert.is(row.spentToday, 0);
});

test('an answer that is lost costs nothing: the same token is sent again', async ({ row }) => {
  let lost = 0;
  row.fate = (_, token) => (token !== undefined && ++lost <= 2 ? 'unanswered' : undefined);
  await row.buyer.look();
  assert.match(row.why, /on its way/);
  await row.crash();
  assert.is(row.buyer.standing.backlog, 1);
  await row.buyer.look();
  await row.buyer.look();
  assert.equal([new Set(row.sent).size, row.sent.length], [1, 3]);
  assert.equal([row.granted, row.purse(), row.spentToday], [10_000, total - 100, 100]);
});

test('a payment that nobody heard is taken back in the end, and does not count', async ({ row }) => {
  row.fate = (_, token) => (token === undefined ? undefined : 'unheard');
  for (let n = 0; n < 12; n++) await row.buyer.look();
  assert.match(row.why, /taken back/);
  assert.equal([row.granted, row.purse(), row.spentToday], [0, total, 0]);
  // It is in other coins now: the token that was sent is worth nothing.
  row.fate = () => undefined;
  const late = await row.seller.pay(row.sent[0]!);
  assert.is(late.status, 402);
  await row.buyer.look();
  assert.is(row.sent.length, 12, 'nothing is bought at once after that');
  await row.router.world.clock.pass(30_000);
  await row.buyer.look();
  assert.equal([row.granted, row.purse()], [10_000, total - 100]);
});

test('a seller that refuses has nothing, and is paid less and less often', async ({ row }) => {
  row.fate = (_, token) => (token === undefined ? undefined : 'refused');
  const { clock } = row.router.world;
  await row.buyer.look();
  assert.match(row.why, /the payment is refused/);
  for (const [ms, sent] of [
    [29_999, 1],
    [1, 2],
    [30_000, 2],
    [30_000, 3],
  ] as const) {
    await clock.pass(ms);
    await row.buyer.look();
    assert.is(row.sent.length, sent, `${ms} ms later`);
  }
  assert.equal([row.purse(), row.spentToday], [total, 0]);
});

test('nothing is bought where nothing is sold, and status says so', async ({ row }) => {
  row.seller.plan = 'gone';
  await row.seller.serve();
  await row.buyer.look();
  assert.match(row.why, /nothing is for sale here/);
  assert.is(row.sent.length, 0);
});

test('a seller that does not say what is left is paid nothing', async ({ row }) => {
  row.fate = (path) => (path === '/usage' ? 'refused' : undefined);
  await row.buyer.look();
  assert.match(row.why, /does not say what is left/);
  assert.is(row.sent.length, 0);
});

test('a router looks by itself, until it is stopped', async ({ row }) => {
  const { clock } = row.router.world;
  row.buyer.start();
  await clock.pass(0);
  await until('it is bought', () => row.granted === 10_000 && row.buyer.standing.backlog === 0);
  await row.carry(9_000);
  await until('the next look is due', async () => {
    await clock.pass(10_000);
    return row.granted === 20_000;
  });
  await row.buyer.stop();
  await row.carry(9_900);
  await clock.pass(3_600_000);
  assert.is(row.granted, 20_000);
});

test.run();
