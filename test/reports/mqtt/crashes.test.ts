// The courier on the real store, killed again and again: whoever drops repeats by their numbers has each byte once.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { coalescing } from '../../../src/domain/coalesce.js';
import type { JournalRecord } from '../../../src/domain/record.js';
import { Courier, type Kept } from '../../../src/reports/mqtt/courier.js';
import type { Told } from '../../../src/reports/mqtt/fold.js';
import { Fold, freshState } from '../../../src/reports/mqtt/fold.js';
import { Keepsake } from '../../../src/store/keepsake.js';
import { openStore } from '../../../src/store/open.js';
import type { Store } from '../../../src/store/store.js';
import { at, idOf, usageRecord } from '../../mqtt/journal.js';
import { TestClock } from '../../rig/clock.js';
import { MemoryDisk } from '../../store/memory-disk.js';

const directory = '/state';
const settled = async () => {
  for (let i = 0; i < 5; i++) await new Promise((resolve) => setImmediate(resolve));
};

/** What the receiver has, repeats dropped: octets by session, as differences. */
class Receiver {
  readonly #seen = new Set<string>();
  readonly sums = new Map<string, number>();

  take({ topic, message }: Told): void {
    const number = `${topic} ${message.boot} ${message.seq}`;
    if (topic !== 'usage' || this.#seen.has(number)) return;
    this.#seen.add(number);
    for (const { session, down_bytes } of message.sessions) {
      this.sums.set(session, (this.sums.get(session) ?? 0) + down_bytes);
    }
  }
}

/** A router that reports; `arrive` says how many more messages reach the receiver in this life. */
class Life {
  readonly disk: MemoryDisk;
  readonly receiver: Receiver;
  readonly clock = new TestClock();
  store!: Store;
  courier!: Courier;
  arrive = Number.POSITIVE_INFINITY;

  constructor(disk: MemoryDisk, receiver: Receiver) {
    this.disk = disk;
    this.receiver = receiver;
  }

  /** The journal is opened and summed up, as the engine does at each start. */
  async open(): Promise<void> {
    const coalesce = () => coalescing() as (data: unknown) => unknown;
    ({ store: this.store } = await openStore({ directory, disk: this.disk, coalesce, tailBytes: 1 }));
    await this.store.snapshot({});
  }

  async report(): Promise<void> {
    const keepsake = new Keepsake(directory, 'mqtt.state', this.disk);
    const outbox = this.store.outbox('mqtt', 'now');
    const kept = (keepsake.load() as Kept | undefined) ?? { fold: freshState('b1', 1_000), pending: [] };
    if (!keepsake.load()) await keepsake.save(kept);
    const told = new Map<string, Told>();
    this.courier = new Courier({
      outbox,
      fold: new Fold('r1', kept.fold),
      pending: kept.pending,
      interval: 1_000,
      timer: this.clock,
      divide: (parcel) => [parcel],
      mono: () => this.clock.mono(),
      encode: (one) => {
        told.set(JSON.stringify(one), one);
        return { topic: one.topic, payload: Buffer.from(JSON.stringify(one)) };
      },
      send: ({ payload }) => {
        if (this.arrive-- <= 0) return new Promise(() => {});
        this.receiver.take(JSON.parse(payload.toString()) as Told);
        return Promise.resolve();
      },
      save: (state) => keepsake.save(state),
      failed: () => {},
    });
    await this.courier.start();
    this.courier.connected(100);
    await settled();
  }

  async kill(): Promise<Life> {
    await settled();
    return new Life(this.disk.afterKill(), this.receiver);
  }
}

const usage = (n: number, down: number): JournalRecord =>
  usageRecord(at + n * 10_000, [[idOf(1), { up: 0, down, millis: 0 }]]);

async function write(life: Life, records: readonly JournalRecord[]): Promise<void> {
  for (const record of records) {
    life.store.append(record);
    await life.store.sync();
    await settled();
  }
}

const nine = Array.from({ length: 9 }, (_, n) => usage(n + 1, (n + 1) * 1000));

test('two kills in quick succession at the start change no message that was told before', async () => {
  let life = new Life(new MemoryDisk(), new Receiver());
  await life.open();
  await life.report();
  life.arrive = 7;
  await write(life, nine);
  assert.is(life.receiver.sums.get(idOf(1)), 7000);
  for (let kills = 0; kills < 2; kills++) {
    life = await life.kill();
    await life.open();
    await life.store.idle();
  }
  await life.report();
  assert.is(life.receiver.sums.get(idOf(1)), 9000);
});

test('nor do kills after each other while what was told long ago is being told again', async () => {
  let life = new Life(new MemoryDisk(), new Receiver());
  await life.open();
  await life.report();
  let down = 0;
  for (let round = 0; round < 12; round++) {
    life.arrive = round % 4;
    await write(
      life,
      Array.from({ length: 5 }, (_, n) => usage(round * 5 + n + 1, down + (n + 1) * 100)),
    );
    down += 500;
    life = await life.kill();
    await life.open();
    if (round % 3 === 0) await life.store.snapshot({});
    await life.store.idle();
    if (round % 2 === 0) await life.report();
  }
  await life.report();
  assert.is(life.receiver.sums.get(idOf(1)), 6000);
});

test('a broker that was away for long gets each byte once, with kills while it catches up', async () => {
  let life = new Life(new MemoryDisk(), new Receiver());
  await life.open();
  await life.report();
  life.arrive = 0;
  life.courier.disconnected();
  for (let n = 1; n <= 1500; n++) {
    life.store.append(usage(n, n * 10));
    if (n % 300 === 0) {
      await life.store.sync();
      await life.store.snapshot({});
      await life.store.idle();
    }
  }
  for (let kills = 0; kills < 6; kills++) {
    life = await life.kill();
    await life.open();
    await life.store.idle();
    life.arrive = 40;
    await life.report();
    await life.store.snapshot({});
    await life.store.idle();
  }
  life = await life.kill();
  await life.open();
  await life.report();
  assert.is(life.receiver.sums.get(idOf(1)), 15_000);
});

test.run();
