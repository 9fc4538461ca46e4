// `npm run bench:years`: a million sessions in five years of a turned clock. What a start takes, the memory and the disk
// must not grow with what was sold. `-- --sessions 100000` is another number; only a whole run is kept.
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Book } from '../src/domain/book.js';
import type { Lot } from '../src/domain/lot.js';
import type { Mac } from '../src/domain/mac.js';
import type { PlainBook } from '../src/domain/plain-book.js';
import type { JournalRecord } from '../src/domain/record.js';
import { newSession, type Session, type SessionEvent, step } from '../src/domain/session.js';
import { toRecord } from '../src/domain/short-session.js';
import { bytes, millis } from '../src/domain/units.js';
import { usageRow } from '../src/domain/usage-row.js';
import { openStore } from '../src/store/open.js';
import type { Store } from '../src/store/store.js';
import { heapUsed } from '../test/rig/heap.js';
import { group } from './line.js';
import { drawPlot } from './plot.js';

/** What the books were like after so many sessions. */
interface Point {
  readonly sessions: number;
  /** From the opening of the journal to the books, in ms. */
  readonly startMs: number;
  /** The books and the journal, beyond the empty process, in MiB. */
  readonly heapMb: number;
  /** All files of the journal, in MiB. */
  readonly diskMb: number;
}

const years = 5;
const day = 86_400_000;
const began = Date.UTC(2026, 0, 1);
/** Customers who are there at the same time. */
const online = 50;
/** Sessions between two syncs: a router syncs each sale, which says nothing of what is kept. */
const synced = 200;
const lifeMs = 3_600_000;
const MiB = 2 ** 20;

/** A router that keeps its books on a real disk, without portals and customers. */
class Years {
  readonly #directory: string;
  readonly #everyMs: number;
  readonly #running: Session[] = [];
  #store!: Store;
  #book!: Book;
  #sold = 0;

  constructor(directory: string, sessions: number) {
    this.#directory = directory;
    this.#everyMs = (years * 365 * day) / sessions;
  }

  /** Begins anew with what the disk has. */
  async restart(): Promise<Point> {
    await this.#store?.close();
    this.#book = new Book();
    const before = heapUsed();
    const started = performance.now();
    const { store, recovered } = await openStore({ directory: this.#directory });
    this.#book = new Book(recovered.snapshot as PlainBook | undefined);
    for (const { data } of recovered.records) this.#book.apply(data as JournalRecord);
    const startMs = performance.now() - started;
    this.#store = store;
    const files = readdirSync(this.#directory).map((name) => join(this.#directory, name));
    const size = files.reduce((sum, file) => sum + (statSync(file, { throwIfNoEntry: false })?.size ?? 0), 0);
    const heapMb = heapUsed() - before;
    return { sessions: this.#sold, startMs, heapMb, diskMb: size / MiB };
  }

  /** Sells on, up to so many sessions in all. */
  async sell(upTo: number): Promise<void> {
    for (; this.#sold < upTo; this.#sold++) {
      this.#begin(this.#sold);
      if (this.#running.length > online) this.#end();
      if (this.#sold % synced === 0) await this.#store.sync();
      if (this.#store.wantsSnapshot) await this.#store.snapshot(this.#book.toPlain(this.#at));
    }
    await this.#store.sync();
  }

  async close(): Promise<void> {
    await this.#store.close();
  }

  /** What the books say was earned in all these years, and what was sold. */
  get earned(): { readonly booked: bigint; readonly sold: bigint } {
    const [all] = this.#book.stats.series(began, began + years * 366 * day, years * 366 * day);
    return { booked: all?.revenue.get('EUR')?.amount ?? 0n, sold: 150n * BigInt(this.#sold) };
  }

  get #at(): number {
    return began + Math.floor(this.#sold * this.#everyMs);
  }

  #begin(n: number): void {
    const mac = n
      .toString(16)
      .padStart(12, '2')
      .replace(/..(?!$)/g, '$&:') as Mac;
    const [id, key] = [`s${n.toString(36)}`, `order-${n}`];
    const session = newSession({ id, mac, gateway: 'lan' }, lotOf(n, this.#at, key));
    const digest = n.toString(16).padStart(64, '0');
    this.#write({ t: 'sold', at: this.#at, key, digest, session: toRecord(session) });
    this.#running.push(this.#change(session, { type: 'opened', at: this.#at }, 'opened'));
  }

  #end(): void {
    const session = this.#running.shift()!;
    const used = { ...session.usage, up: bytes(1_000_000), down: bytes(20_000_000), millis: millis(lifeMs) };
    const next = { ...session, usage: used };
    this.#write({ t: 'usage', at: this.#at, rows: [usageRow(next)] });
    const closing = this.#change(next, { type: 'ended', cause: 'time' }, 'closing');
    this.#change(closing, { type: 'shut', at: this.#at }, 'closed');
  }

  #change(session: Session, event: SessionEvent, what: 'opened' | 'closing' | 'closed'): Session {
    const next = step(session, event);
    this.#write({ t: 'session', at: this.#at, what, session: toRecord(next) });
    return next;
  }

  #write(record: JournalRecord): void {
    this.#store.append(record);
    this.#book.apply(record);
  }
}

/** An hour for 1.50 EUR. */
function lotOf(n: number, at: number, key: string): Lot {
  return {
    plan: 'hour',
    steps: 1,
    metric: 'time',
    stepSize: lifeMs,
    allotment: { millis: millis(lifeMs) },
    policy: { devices: 1, pauseAway: false },
    funding: { method: 'cash', reference: `till ${n}`, paid: { currency: 'EUR', decimals: 2, amount: 150n } },
    at,
    key,
  };
}

const whole = 1_000_000;
const { values } = parseArgs({ options: { sessions: { type: 'string', default: String(whole) } } });
const sessions = Number(values.sessions);
const directory = mkdtempSync(join(tmpdir(), 'turnpike-bench-'));
const points: Point[] = [];
try {
  const router = new Years(join(directory, 'state'), sessions);
  await router.restart();
  for (const share of [1000, 300, 100, 30, 10, 3, 1]) {
    await router.sell(Math.round(sessions / share));
    const point = await router.restart();
    points.push(point);
    const { startMs, heapMb, diskMb } = point;
    console.log(
      `${group(point.sessions).padStart(9)} sessions: start ${startMs.toFixed(0)} ms, ` +
        `heap ${heapMb.toFixed(1)} MiB, disk ${diskMb.toFixed(2)} MiB`,
    );
  }
  const { booked, sold } = router.earned;
  console.log(`earned ${booked} of ${sold} cents`);
  await router.close();
  if (booked !== sold) throw new Error('money is missing in the figures');
} finally {
  rmSync(directory, { recursive: true });
}
if (sessions === whole) {
  const series = [
    { name: 'start, ms', points: points.map((p) => [p.sessions, p.startMs] as const) },
    { name: 'heap, MiB', points: points.map((p) => [p.sessions, p.heapMb] as const) },
    { name: 'disk, MiB', points: points.map((p) => [p.sessions, p.diskMb] as const) },
  ];
  const title = 'Sessions sold in five years, and what is left of them';
  writeFileSync(
    join('bench', 'years.svg'),
    drawPlot({ title, xLabel: 'sessions sold', yLabel: 'ms, MiB', series }),
  );
}
