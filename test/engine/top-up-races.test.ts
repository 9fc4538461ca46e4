// A top-up in the moment in which its session ends: whatever comes first, nothing that was paid for is lost.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { PaymentMethod } from '../../src/ports/payment-method.js';
import { one, opened } from './opened.js';
import type { World } from './world.js';

/** What a step of the plan is for, and costs. */
const [minute, cents] = [60_000, 50n];
/** When the top-up comes, by when the session ends; ms of the turned clock. */
const moments = [-25, -20, -11, -10, -9, -1, 0, 1, 5, 9, 10, 11, 20, 25];
/** How long the disk takes for a sync, in ms of the turned clock. */
const diskMs = 10;

type Answer = Awaited<ReturnType<World['buy']>>;

interface Race {
  readonly w: World;
  readonly id: string;
  readonly answer: Answer;
}

/** Lets time pass until a tenth of a second is left of a minute. */
async function almostUp({ engine, clock }: World, id: string): Promise<void> {
  await clock.pass(minute - engine.accounts.upToDate(id)!.usage.millis - 100);
}

/**
 * A minute was bought, and ends, or is ended by `end`, at zero; at `moment` the customer buys another one.
 * @param fails the disk does not take the top-up
 */
async function race(
  moment: number,
  end: (w: World, id: string) => unknown = () => {},
  fails = false,
): Promise<Race> {
  const { w, id } = await opened({ plan: 'time' });
  await almostUp(w, id);
  let isBuying = false;
  w.journal.sync = async () => {
    const isLost = fails && isBuying;
    await new Promise<void>((resolve) => w.clock.after(diskMs, resolve));
    if (isLost) throw Object.assign(new Error('i/o error'), { code: 'storage_failed' });
  };
  let answer: Answer | undefined;
  const buy = async () => {
    isBuying = true;
    answer = await w.buy(one, { plan: 'time', key: 'again' });
    isBuying = false;
  };
  w.clock.after(100 + moment, () => void buy());
  w.clock.after(100, () => void end(w, id));
  await w.clock.pass(10_000);
  assert.ok(answer, `${moment}: the customer has an answer`);
  return { w, id, answer };
}

const sessionsOf = ({ w }: Race) => [...w.engine.accounts.book.all()];

/** What the owner keeps, by the books. */
function earned({ w }: Race): bigint {
  const [all] = w.engine.accounts.book.stats.series(0, 4e12, 4e12);
  return all?.revenue.get('USD')?.amount ?? 0n;
}

/** Minutes that were sold and used, and that stand in no refund. */
function begunMinutes(one: Race): bigint {
  return sessionsOf(one).reduce((sum, { usage }) => sum + BigInt(Math.ceil(usage.millis / minute)), 0n);
}

for (const moment of moments) {
  const when = `${Math.abs(moment)} ms ${moment < 0 ? 'before' : 'after'} the time is up`;

  test(`a minute bought ${when} is used to its end`, async () => {
    const bought = await race(moment);
    assert.ok(bought.answer.ok, bought.answer.ok ? '' : bought.answer.message);
    await bought.w.clock.pass(3 * minute);
    const used = sessionsOf(bought).map(({ usage, granted }) => [usage.millis, granted.millis]);
    assert.is(
      used.reduce((sum, [ms = 0]) => sum + ms, 0),
      2 * minute,
      JSON.stringify(used),
    );
    assert.is(earned(bought), 2n * cents);
    assert.is(bought.w.portal.clients.get(one)?.open, false);
  });

  test(`a minute that the disk refuses ${when} costs nothing`, async () => {
    const refused = await race(moment, undefined, true);
    assert.is(refused.answer.ok ? 'sold' : refused.answer.code, 'storage_failed');
    await refused.w.clock.pass(3 * minute);
    // Until the disk has said no, the session goes on: what they had of it is the owner's gift.
    assert.equal(
      sessionsOf(refused).map(({ usage, lots }) => [Math.min(usage.millis, minute), lots.length]),
      [[minute, 1]],
    );
    assert.is(earned(refused), cents);
  });
}

for (const moment of moments) {
  const when = `${Math.abs(moment)} ms ${moment < 0 ? 'before' : 'after'} the session is closed`;

  test(`a minute bought ${when} is used, or owed to the customer`, async () => {
    const raced = await race(moment, (w, id) => w.commands.close(id, 'user'));
    assert.ok(raced.answer.ok, raced.answer.ok ? '' : raced.answer.message);
    await raced.w.clock.pass(3 * minute);
    const sessions = sessionsOf(raced);
    const lots = sessions.flatMap((session) => session.lots.map(({ key }) => key));
    assert.is(lots.filter((key) => key === 'again').length, 1, 'sold once');
    const owed = sessions
      .flatMap(({ refunds }) => refunds)
      .reduce((sum, { money }) => sum + money.amount, 0n);
    assert.is(earned(raced) + owed, 2n * cents, 'paid');
    assert.is(earned(raced), begunMinutes(raced) * cents, 'kept for what was used');
    assert.is(raced.w.portal.clients.get(one)?.open, false);
  });
}

/** Money that takes {@link diskMs} to come, and of which it is known whether it was sold for or given back. */
class SlowMoney implements PaymentMethod {
  readonly name = 'slow';
  readonly currencies = new Map([['USD', 2]]);
  readonly settled: boolean[] = [];
  taken = 0;
  readonly #w: World;

  constructor(w: World) {
    this.#w = w;
    const { settings } = w.engine;
    const methods = new Map<string, PaymentMethod>([...settings.offer.methods, [this.name, this]]);
    w.engine.configure({ ...settings, offer: { ...settings.offer, methods } });
  }

  async charge() {
    await new Promise<void>((resolve) => this.#w.clock.after(diskMs, resolve));
    this.taken += 1;
    return { ok: true, value: { reference: 'slow' } } as const;
  }

  async settle(_reference: string, isSold: boolean): Promise<void> {
    this.settled.push(isSold);
  }
}

for (const fails of [false, true]) {
  const how = fails ? 'is given back where the disk refuses the sale' : 'buys what was paid for';

  test(`money that is on its way while the session ends ${how}`, async () => {
    for (const moment of moments) {
      const { w, id } = await opened({ plan: 'time' });
      const money = new SlowMoney(w);
      await almostUp(w, id);
      let answer: Answer | undefined;
      const buy = async () => {
        answer = await w.buy(one, { plan: 'time', key: 'again', payment: { method: 'slow' } });
      };
      w.clock.after(100 + moment, () => void buy());
      await w.clock.pass(100 + moment + diskMs - 1);
      w.journal.failSync = fails;
      await w.clock.pass(5);
      w.journal.failSync = false;
      await w.clock.pass(3 * minute);
      assert.ok(answer, 'the customer has an answer');
      assert.is(answer.ok, !fails, `${moment}`);
      assert.equal([money.taken, money.settled], [1, [!fails]], `${moment}`);
      const used = [...w.engine.accounts.book.all()].map(({ usage }) => Math.min(usage.millis, 2 * minute));
      assert.ok(used.reduce((sum, ms) => sum + ms, 0) >= (fails ? minute : 2 * minute), `${moment}: ${used}`);
    }
  });
}

test.run();
