// The way from the journal to a broker: windows, refusals, what is kept and what comes again.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { PacketTooLarge } from '../../../src/mqtt/error.js';
import { decodeMessage } from '../../../src/mqtt/message.js';
import type { Parcel } from '../../../src/reports/mqtt/courier.js';
import { type Sent, World } from '../../mqtt/courier-scene.js';
import { at, closedRecord, idOf, numbered, usageRecord } from '../../mqtt/journal.js';
import { settled } from '../../rig/clock.js';
import fc from '../../rig/properties.js';

const used = (up: number) => ({ up, down: 2 * up, millis: 3 * up });
const reports = (count: number, from = 1) =>
  numbered(
    Array.from({ length: count }, (_, i) => usageRecord(at + (from + i) * 1000, [[idOf(1), used(from + i)]])),
    from,
  );
const seqs = (sent: readonly Sent[]) =>
  sent.map(({ topic, payload }) => decodeMessage(topic, payload)).map((m) => 'seq' in m && m.seq);

test('no more is under way than the broker takes, nor read ahead than that', async () => {
  const world = new World();
  world.outbox.append(...reports(10_000));
  world.courier.connected(5);
  await settled();
  assert.equal(seqs(world.sent), [1, 2, 3, 4, 5]);
  assert.ok(world.outbox.reads <= 2, `${world.outbox.reads} reads`);
  world.sent[0]!.arrive();
  await settled();
  assert.is(world.sent.length, 6);
  assert.is(world.courier.backlog, 9_999);
});

test('what was under way when the connection ended comes again, in its order, before all else', async () => {
  const world = new World();
  world.outbox.append(...reports(8));
  world.courier.connected(4);
  await settled();
  world.sent[1]!.arrive();
  await settled();
  world.courier.disconnected();
  for (const one of world.sent) one.fail(new Error('the connection ended'));
  await settled();
  assert.equal(world.errors, []);
  const before = world.sent.length;
  world.courier.connected(100);
  await settled();
  assert.equal(seqs(world.sent.slice(before)), [1, 3, 4, 5, 6, 7, 8]);
});

test('the outbox is acknowledged up to a state that is kept, and only when all before it has arrived', async () => {
  const world = new World();
  world.outbox.append(...reports(3));
  world.courier.connected(100);
  await settled();
  await world.arriveAll();
  assert.is(world.outbox.cursor, 0);
  assert.is(world.courier.backlog, 0);
  await world.clock.pass(700_000);
  world.outbox.append(...reports(1, 4));
  await settled();
  assert.equal([world.outbox.cursor, world.kept.fold.seq], [3, 3]);
  assert.is(seqs(world.sent).at(-1), 4);
});

test('a state that cannot be kept holds up no report, and is tried again later', async () => {
  const world = new World();
  world.saving = 'fails';
  world.outbox.append(...reports(5_000));
  world.courier.connected(100);
  await settled();
  await world.arriveAll();
  assert.is(world.sent.length, 5_000);
  assert.is(world.outbox.cursor, 0);
  assert.ok(world.saves >= 1 && world.saves < 5, `${world.saves}`);
  world.saving = 'works';
  await world.clock.pass(60_000);
  world.outbox.append(...reports(1, 5_001));
  await settled();
  assert.is(world.outbox.cursor, 5_000);
});

test('a message that the broker refuses is tried again, and not at once', async () => {
  const world = new World();
  world.outbox.append(...reports(2));
  world.courier.connected(100);
  await settled();
  for (const one of [...world.sent]) one.fail(new Error('Quota exceeded'));
  await settled();
  assert.is(world.sent.length, 2);
  assert.equal(world.errors, ['Quota exceeded', 'Quota exceeded']);
  await world.clock.pass(10_000);
  assert.equal(seqs(world.sent.slice(2)), [1, 2]);
});

test('another interval begins behind what may have been cut by the old one, and is kept then', async () => {
  const world = new World(1_000);
  world.outbox.append(...reports(3));
  world.begin(5_000);
  await settled();
  assert.equal([world.kept.fold.interval, world.kept.fold.seq, world.kept.pending.length], [5_000, 3, 3]);
  world.courier.connected(100);
  await settled();
  assert.equal(seqs(world.sent), [1, 2, 3]);
  world.outbox.append(...reports(6, 4));
  await settled();
  assert.equal(seqs(world.sent.slice(3)), [8]);
});

test('what was said is kept when the connection ends: its records lose what later ones supersede', async () => {
  const world = new World();
  world.outbox.append(...reports(2));
  world.courier.connected(100);
  await settled();
  assert.equal([world.outbox.cursor, world.kept.pending.length], [0, 0]);
  world.courier.disconnected();
  await settled();
  assert.equal([world.outbox.cursor, world.kept.pending.length], [2, 2]);
  world.begin();
  world.courier.connected(100);
  await settled();
  assert.equal(
    world.sent.slice(2).map(({ payload }) => payload),
    world.sent.slice(0, 2).map(({ payload }) => payload),
  );
});

test('a report that is too large for the broker comes in parts, and those of one session hold up nobody', async () => {
  const world = new World();
  const sessions = Array.from({ length: 100 }, (_, i) => [idOf(i + 1), used(i + 1)] as const);
  world.outbox.append(
    ...numbered([usageRecord(at + 1_000, sessions), closedRecord(at + 2_000, idOf(1), used(1))]),
  );
  world.outbox.append(...reports(1, 3));
  world.courier.connected(1);
  await settled();
  const arrived: Parcel[] = [];
  const room = 300;
  for (let i = 0; i < world.sent.length; i++) {
    const one = world.sent[i]!;
    const isTooLarge = one.payload.length > room || one.topic === 'session';
    if (isTooLarge) one.fail(new PacketTooLarge(one.topic, one.payload.length, room));
    else {
      arrived.push(one);
      one.arrive();
    }
    await settled();
  }
  assert.is(world.errors.length, 1, 'what became of a session is one message');
  const messages = arrived.map(({ payload }) => decodeMessage('usage', payload));
  const last = messages.pop();
  assert.is(last?.seq, 3, 'what is behind it goes out');
  assert.ok(messages.length > 1);
  const runs = messages.map(({ boot }) => boot);
  assert.equal(runs, ['b1', ...runs.slice(1).map((_, i) => `b1.${i + 2}`)], 'no part is taken for a repeat');
  const told = messages.flatMap((message) => message.sessions);
  assert.equal(
    told.map(({ session, up_bytes }) => [session, up_bytes]),
    sessions.map(([id, { up }]) => [id, up]),
  );
  assert.is(world.courier.backlog, 0);
});

type Act = {
  readonly do: 'append' | 'arrive' | 'cut' | 'connect' | 'kill' | 'stop' | 'compact';
  readonly n: number;
};
const act: fc.Arbitrary<Act> = fc.record({
  do: fc.constantFrom(
    'append',
    'append',
    'arrive',
    'arrive',
    'cut',
    'connect',
    'connect',
    'kill',
    'stop',
    'compact',
  ),
  n: fc.nat(9),
});

test('cut, killed and stopped at any time: every session comes to its final usage, repeats left out', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(act, { maxLength: 80, size: 'max' }),
      fc.constantFrom(1_000, 3_000),
      async (acts, other) => {
        const world = new World();
        const arrived: Parcel[] = [];
        let [made, up] = [0, false];
        const arrive = async (n: number) => {
          for (const one of world.sent.splice(0, n)) {
            arrived.push(one);
            one.arrive();
            await settled();
          }
        };
        // A broker may have what it could not acknowledge any more.
        const lose = () => {
          for (const [i, one] of world.sent.splice(0).entries()) {
            if (i % 2 === 0) arrived.push(one);
            one.fail(new Error('the connection ended'));
          }
        };
        const connect = async () => {
          if (!up) world.courier.connected(4);
          up = true;
          await settled();
        };
        for (const { do: what, n } of acts) {
          if (what === 'append') {
            world.outbox.append(...reports(n, made + 1));
            made += n;
          } else if (what === 'arrive') await arrive(n);
          else if (what === 'connect') await connect();
          else if (what === 'compact') world.outbox.compact(up ? made : world.kept.fold.seq);
          else {
            if (up && what === 'stop') {
              const stopped = world.courier.stop();
              await arrive(n);
              await world.clock.pass(3_000);
              await stopped;
            } else if (up) world.courier.disconnected();
            lose();
            up = false;
            if (what !== 'cut') {
              await settled();
              world.courier.stop().catch(() => {});
              await world.clock.pass(3_000);
              // Cursors are not on the disk at once.
              if (what === 'kill') world.outbox.cursor = Math.min(world.outbox.cursor, world.kept.fold.seq);
              world.begin(n % 2 === 0 ? other : 1_000);
            }
            await settled();
          }
        }
        world.outbox.append({ seq: made + 1, data: closedRecord(at + 10 ** 8, idOf(1), used(made + 1)) });
        await connect();
        while (world.sent.length > 0) await arrive(world.sent.length);
        const once = new Map<number, string>();
        let sum = 0;
        for (const { topic, payload } of arrived) {
          if (topic !== 'usage') continue;
          const message = decodeMessage('usage', payload);
          const hex = payload.toString('hex');
          assert.is(once.get(message.seq) ?? hex, hex, `${message.seq} is not the same again`);
          if (!once.has(message.seq)) sum += message.sessions[0]!.up_bytes;
          once.set(message.seq, hex);
        }
        assert.is(sum, made + 1);
      },
    ),
    { numRuns: Number(process.env.RUNS ?? 300) },
  );
});

test.run();
