import type { Database, Query } from '../../collector/database.js';
import { catchUp } from '../../collector/fold.js';
import { gapsOf } from '../../collector/gaps.js';
import { type RouterPage, routerPages } from '../../collector/pages.js';
import { dayLine, sums } from '../../collector/report.js';
import { formatAmount, type Money, parseAmount } from '../../domain/money.js';
import type { LotRow } from '../../mqtt/message.js';
import type { Clock } from '../../ports/clock.js';

/** How many days the pictures show. */
export const daysShown = 30;
const dayMs = 86_400_000;
/** How old the state may be that is shown, in ms: to read it takes a while in a large fleet. */
const ageMs = 60_000;

/** What a day (UTC) brought. */
export interface Day {
  readonly day: string;
  readonly bytes: bigint;
  /** Money that was paid in sessions that began then, by currency. */
  readonly paid: ReadonlyMap<string, Money>;
}

/** What the fleet's page shows of the database. */
export interface Fleet {
  /** When it was read: ms since 1970. */
  readonly at: number;
  /** Each of the last days, the oldest first. */
  readonly days: readonly Day[];
  /** Routers whose messages are missing, the most first. */
  readonly gaps: readonly (readonly [router: string, missing: number])[];
  /** Orders to routers that wait for an answer, by router, the most first. */
  readonly waiting: readonly (readonly [router: string, orders: number])[];
  /** Messages to endpoints that nobody tries again. */
  readonly dead: number;
}

/** Reads the fleet's state, at most once a minute however many ask. */
export class FleetReader {
  readonly #database: Database;
  readonly #clock: Pick<Clock, 'wall'>;
  #last: Promise<Fleet> | undefined;
  #begun = -Infinity;
  /** In a large fleet it takes longer than what was read is good for: nobody begins a second one beside it. */
  #isReading = false;

  constructor(database: Database, clock: Pick<Clock, 'wall'>) {
    this.#database = database;
    this.#clock = clock;
  }

  /** @throws what the database throws */
  read(): Promise<Fleet> {
    const now = this.#clock.wall();
    if (this.#last && (this.#isReading || Math.abs(now - this.#begun) < ageMs)) return this.#last;
    this.#begun = now;
    this.#isReading = true;
    const reading = this.#read(now).finally(() => {
      this.#isReading = false;
    });
    this.#last = reading;
    reading.catch(() => {
      // The next one who asks tries again.
      if (this.#last === reading) this.#last = undefined;
    });
    return reading;
  }

  async #read(at: number): Promise<Fleet> {
    await catchUp(this.#database, at, ageMs);
    return this.#database.read(async (query) => {
      const days = emptyDays(at);
      const gaps: [string, number][] = [];
      for await (const page of routerPages(query, 'sessions')) {
        await addUsage(query, page, days);
        await addMoney(query, page, days);
        for (const [router, missing] of await gapsOf(query, page))
          if (missing > 0) gaps.push([String(router), missing]);
      }
      const waiting = await query(
        `SELECT router, count(*) AS n FROM orders WHERE state IN ('waiting', 'sent')
         GROUP BY router ORDER BY n DESC, router LIMIT 20`,
      );
      const [dead] = await query("SELECT count(*) AS n FROM deliveries WHERE state = 'dead'");
      return {
        ...{ at, days: [...days.values()], gaps: gaps.sort(([, a], [, b]) => b - a).slice(0, 20) },
        waiting: waiting.map(({ router, n }) => [String(router), Number(n)] as const),
        dead: Number(dead!.n),
      };
    });
  }
}

interface Growing {
  readonly day: string;
  bytes: bigint;
  readonly paid: Map<string, Money>;
}

function emptyDays(at: number): Map<string, Growing> {
  const days = Array.from({ length: daysShown }, (_, i) => dayOf(at - (daysShown - 1 - i) * dayMs));
  return new Map(days.map((day) => [day, { day, bytes: 0n, paid: new Map() }]));
}

async function addUsage(query: Query, { first, last }: RouterPage, days: Map<string, Growing>) {
  const rows = await query(
    `SELECT router, day, count(*) AS n, ${sums} FROM days WHERE router >= $1 AND router <= $2 AND day >= $3
     GROUP BY router, day`,
    [first, last, [...days.keys()][0]!],
  );
  for (const [, day, , up, down] of rows.map(dayLine)) {
    const sum = days.get(String(day));
    if (sum) sum.bytes += BigInt(up!) + BigInt(down!);
  }
}

async function addMoney(query: Query, { first, last }: RouterPage, days: Map<string, Growing>) {
  const rows = await query(
    `SELECT opened, lots FROM sessions WHERE router >= $1 AND router <= $2 AND opened >= $3 AND lots <> '[]'`,
    [first, last, Date.parse([...days.keys()][0]!)],
  );
  for (const { opened, lots } of rows) {
    const sum = days.get(dayOf(Number(opened)));
    for (const lot of sum ? (JSON.parse(String(lots)) as LotRow[]) : []) add(sum!.paid, lot);
  }
}

/** Adds what was paid, with as many decimals as either has. */
function add(sums: Map<string, Money>, { paid, currency }: LotRow): void {
  if (paid === null || currency === null) return;
  const before = sums.get(currency);
  const decimals = Math.max(before?.decimals ?? 0, paid.split('.')[1]?.length ?? 0);
  const [sum, more] = [before ? formatAmount(before) : '0', paid].map((text) =>
    parseAmount(text, currency, decimals),
  );
  if (sum && more) sums.set(currency, { ...more, amount: sum.amount + more.amount });
}

/** Of all days. */
export function totalOf(days: readonly Day[]): ReadonlyMap<string, Money> {
  const total = new Map<string, Money>();
  for (const { paid } of days)
    for (const [currency, money] of paid)
      add(total, { paid: formatAmount(money), currency } as unknown as LotRow);
  return total;
}

function dayOf(ms: number): string {
  return new Date(Math.max(-8.64e15, Math.min(ms, 8.64e15))).toISOString().slice(0, 10);
}
