// A journal as a router with many customers leaves it.
import { cpSync, mkdtempSync, readdirSync, rmSync, statSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deviceAt } from '../../packages/simulators/device.js';
import { Book } from '../../src/domain/book.js';
import type { Lot } from '../../src/domain/lot.js';
import type { JournalRecord } from '../../src/domain/record.js';
import { newSession, step } from '../../src/domain/session.js';
import { toRecord } from '../../src/domain/short-session.js';
import { millis } from '../../src/domain/units.js';
import { openStore } from '../../src/store/open.js';
import { openBooks } from '../../src/wiring/books.js';

const day = 86_400_000;

/** Cents that each of the sessions has cost. */
export const cents = 100n;

/** A day for a dollar. */
function lotOf(n: number, at: number): Lot {
  return {
    plan: 'day',
    steps: 1,
    metric: 'time',
    stepSize: day,
    allotment: { millis: millis(day) },
    policy: { devices: 1, pauseAway: false },
    funding: {
      method: 'cash',
      reference: `till ${n}`,
      paid: { currency: 'USD', decimals: 2, amount: cents },
    },
    at,
    key: keyOf(n),
  };
}

/** The key under which the session of device `n` was sold. */
export const keyOf = (n: number): string => `before-${n}`;

/** Writes what a daemon writes that has sold `count` sessions and opened their gates, with snapshots or in records alone; `first`: its first device. */
export async function writeMany(
  directory: string,
  count: number,
  at: number,
  snapshots = true,
  first = 0,
): Promise<void> {
  const { store } = await openStore({ directory });
  const book = new Book();
  const write = (record: JournalRecord) => {
    store.append(record);
    book.apply(record);
  };
  for (let n = first; n < first + count; n++) {
    const [lot, id] = [lotOf(n, at), `s${n.toString(36).padStart(19, '0')}`];
    const sold = newSession({ id, mac: deviceAt(n).mac, gateway: 'lan' }, lot);
    write({ t: 'sold', at, key: lot.key, digest: n.toString(16).padStart(64, '0'), session: toRecord(sold) });
    write({ t: 'session', at, what: 'opened', session: toRecord(step(sold, { type: 'opened', at })) });
    if (snapshots && store.wantsSnapshot) await store.snapshot(book.toPlain(at));
  }
  await store.sync();
  await store.close();
}

/** The books of a journal, from a copy of it. */
export interface Found {
  readonly book: Book;
  readonly setAside: readonly string[];
}

/** What is found of a journal whose last file loses so many bytes. @returns undefined where it has not so many */
export async function withoutLast(state: string, lost: number): Promise<Found | undefined> {
  const copy = mkdtempSync(join(tmpdir(), 'turnpike-many-'));
  try {
    cpSync(state, copy, { recursive: true, filter: (file) => !file.endsWith('/lock') });
    const last = readdirSync(copy)
      .filter((name) => /^journal-[0-9a-f]{8}-/.test(name))
      .sort()
      .at(-1)!;
    const size = statSync(join(copy, last)).size;
    if (lost >= size) return undefined;
    truncateSync(join(copy, last), size - lost);
    const { store, book, setAside } = await openBooks({ directory: copy });
    await store.close();
    return { book, setAside };
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}
