// The history of real sessions, through the real accounts and the real book: damaged at every byte, it says less than it
// said, and says so, but never anything else. The store's own records are in damage.test.ts.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Book } from '../../src/domain/book.js';
import type { Mac } from '../../src/domain/mac.js';
import type { PlainBook } from '../../src/domain/plain-book.js';
import type { JournalRecord } from '../../src/domain/record.js';
import { isDone, type Session } from '../../src/domain/session.js';
import { bytes } from '../../src/domain/units.js';
import { openStore } from '../../src/store/open.js';
import { TestPortal } from '../engine/portal.js';
import { mac, world } from '../engine/world.js';
import { MemoryDisk } from './memory-disk.js';

const directory = '/store';

interface History {
  readonly disk: MemoryDisk;
  readonly path: string;
  readonly records: readonly JournalRecord[];
  /** Where the last record begins. */
  readonly lastAt: number;
}

/** Buys, moves bytes, tops up, closes: what an engine wrote into its journal, in a store on a disk in memory. */
async function history(): Promise<History> {
  const w = await world([new TestPortal('lan', true)]);
  for (const device of [mac(1), mac(2)]) w.portal.join(device);
  await w.clock.pass(1001);
  const first = await w.buy(mac(1), { steps: 3 });
  await w.buy(mac(2), { plan: 'time', user: 'ada' });
  w.portal.carry(mac(1), 100, 900);
  await w.clock.pass(60_001);
  await w.buy(mac(1));
  w.portal.carry(mac(1), 0, bytes(700));
  await w.clock.pass(60_001);
  await w.commands.close(first.ok ? first.value.id : '', 'user');
  const { records } = w.journal;
  await w.engine.stop();
  const disk = new MemoryDisk();
  const { store } = await openStore({ directory, disk });
  for (const record of records.slice(0, -1)) store.append(record);
  const lastAt = store.stats.bytes;
  store.append(records.at(-1)!);
  await store.close();
  const path = [...disk.names.keys()].find((p) => p.includes('/journal'))!;
  return { disk, path, records, lastAt };
}

function bookOf(records: readonly unknown[]): Book {
  const book = new Book();
  for (const record of records) book.apply(record as JournalRecord);
  return book;
}

/** The journal with other bytes in it, and what a start makes of them. */
async function start(
  h: History,
  damaged: Buffer,
): Promise<{ records: JournalRecord[]; setAside: readonly string[] }> {
  const disk = h.disk.afterKill();
  // As it was before the last records were synced: nobody has noted them.
  disk.remove(`${directory}/head`);
  disk.names.get(h.path)!.bytes = damaged;
  const { store, recovered } = await openStore({ directory, disk });
  await store.close();
  return {
    records: recovered.records.map(({ data }) => data as JournalRecord),
    setAside: recovered.setAside,
  };
}

const plain = (book: Book): PlainBook => book.toPlain(0);

test('cut at every byte of its last record, the books are those before it', async () => {
  const h = await history();
  const whole = h.disk.read(h.path);
  const before = plain(bookOf(h.records.slice(0, -1)));
  assert.ok(whole.length - h.lastAt > 100, 'the last record is a session');
  for (let size = h.lastAt; size < whole.length; size++) {
    const { records, setAside } = await start(h, whole.subarray(0, size));
    assert.equal(plain(bookOf(records)), before, `cut at ${size}`);
    assert.is(setAside.length, size > h.lastAt ? 1 : 0, `cut at ${size}`);
  }
  const { records, setAside } = await start(h, whole);
  assert.equal(plain(bookOf(records)), plain(bookOf(h.records)));
  assert.equal(setAside, []);
});

test('with any byte changed, each session is as some moment of its history had it, or it is said', async () => {
  const h = await history();
  const whole = h.disk.read(h.path);
  const wanted = JSON.stringify(h.records);
  const told = h.records.map((r) => JSON.stringify(r));
  for (let at = 0; at < whole.length; at++) {
    for (const bits of [1 << (at % 8), 0xff]) {
      const damaged = Buffer.from(whole);
      damaged[at]! ^= bits;
      const { records, setAside } = await start(h, damaged);
      for (const record of records)
        assert.ok(told.includes(JSON.stringify(record)), `another record: at ${at}`);
      const complete = JSON.stringify(records) === wanted;
      assert.ok(complete || setAside.length > 0, `a record less and not a word: at ${at}`);
      checkBook(bookOf(records), at);
    }
  }
});

/** What is left is sound: money is in whole lots, and an end has its refund. */
function checkBook(book: Book, at: number): void {
  for (const session of book.all() as Iterable<Session>) {
    const granted = session.lots.reduce((sum, lot) => sum + (lot.allotment.bytes ?? 0), 0);
    assert.is(session.granted.bytes ?? 0, granted, `damaged at ${at}`);
    if (session.cause === 'user' && isDone(session)) assert.is(session.refunds.length, 2, `damaged at ${at}`);
    assert.ok(([mac(1), mac(2)] as Mac[]).includes(session.mac));
  }
}

test.run();
