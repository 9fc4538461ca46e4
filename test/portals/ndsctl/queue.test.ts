// Whose turn it is at a portal.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { QueueClosed, TurnQueue } from '../../../src/portals/ndsctl/queue.js';
import { settled } from '../../rig/clock.js';
import fc from '../../rig/properties.js';
import { until } from '../../rig/until.js';

type Kind = 'shut' | 'open' | 'poll';

/** A queue whose turns end when the test says so. */
class Busy {
  readonly queue = new TurnQueue();
  /** Turns that have begun, in their order. */
  readonly begun: string[] = [];
  underWay = 0;
  most = 0;
  #end: (() => void) | undefined;

  enter(kind: Kind, name: string): Promise<string> {
    return this.queue[kind](async () => {
      this.begun.push(name);
      this.underWay += 1;
      this.most = Math.max(this.most, this.underWay);
      await new Promise<void>((resolve) => {
        this.#end = resolve;
      });
      this.underWay -= 1;
      return name;
    });
  }

  /** Lets the turn under way end, and the next one begin. */
  async next(): Promise<void> {
    this.#end?.();
    await settled();
  }
}

test('a gate that is to be shut does not wait for the crowd that buys', async () => {
  const busy = new Busy();
  for (let n = 1; n <= 1000; n++) void busy.enter('open', `open ${n}`);
  void busy.enter('shut', 'shut');
  await busy.next();
  await busy.next();
  assert.equal(busy.begun, ['open 1', 'shut', 'open 2']);
});

test('one turn at a time: shutting before opening before looking, and each in the order in which it came', async () => {
  const kinds = fc.array(fc.constantFrom<Kind>('shut', 'open', 'poll'), { minLength: 1, maxLength: 30 });
  await fc.assert(
    fc.asyncProperty(kinds, async (all) => {
      const busy = new Busy();
      const first = busy.enter('poll', 'first');
      const names = all.map((kind, i) => `${kind} ${String(i).padStart(2, '0')}`);
      const rest = names.map((name, i) => busy.enter(all[i]!, name));
      for (let i = 0; i <= all.length; i++) await busy.next();
      assert.equal(await Promise.all([first, ...rest]), ['first', ...names]);
      const of = (kind: Kind) => names.filter((name) => name.startsWith(kind));
      assert.equal(busy.begun, ['first', ...of('shut'), ...of('open'), ...of('poll')]);
      assert.is(busy.most, 1);
    }),
  );
});

test('gates cannot put off a poll for ever', async () => {
  const busy = new Busy();
  void busy.enter('open', 'open');
  void busy.enter('poll', 'poll');
  // The queue goes by the real clock: gates go on and on until the poll has had its turn.
  await until('the poll', async () => {
    void busy.enter('shut', 'shut');
    await busy.next();
    return busy.begun.includes('poll');
  });
});

test('a turn that fails is its own affair, and a queue that is closed refuses who waits', async () => {
  const busy = new Busy();
  const failing = busy.queue.open(() => Promise.reject(new Error('no')));
  assert.is(await failing.catch((cause: Error) => cause.message), 'no');
  const last = busy.enter('open', 'last');
  await settled();
  const late = ['shut', 'open', 'poll'].map((kind) =>
    busy.enter(kind as Kind, 'late').catch((cause: unknown) => cause instanceof QueueClosed),
  );
  const closed = busy.queue.close();
  assert.equal(await Promise.all(late), [true, true, true]);
  await busy.next();
  await closed;
  assert.is(await last, 'last', 'a gate is never left half turned');
  assert.ok(await busy.enter('shut', 'later').catch((cause: unknown) => cause instanceof QueueClosed));
});

test.run();
