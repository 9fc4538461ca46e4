import type { SessionUsage } from '../mqtt/message.js';
import { isoTime } from './calendar.js';
import { bulk, type Query } from './database.js';
import type { Heard } from './ledger.js';

interface Totals {
  up: number;
  down: number;
  millis: number;
}

interface Known extends Totals {
  readonly router: string;
  readonly session: string;
  /** Whether the database lacks it, or has other totals. */
  isChanged: boolean;
}

interface Used extends Totals {
  readonly router: string;
  readonly session: string;
  readonly day: string;
}

const usageColumns = ['total_up_bytes', 'total_down_bytes', 'total_millis'] as const;
const keyTypes = ['text', 'text'] as const;
const totalTypes = ['bigint', 'bigint', 'bigint'] as const;

/**
 * Totals of sessions, as messages move them, until they are written. Messages carry totals, so one that is lost or
 * arrives out of order does no harm; what a session used more falls on the day of the message that says so.
 */
export class Tally {
  readonly #query: Query;
  /** By the key of router and session. */
  readonly #known = new Map<string, Known>();
  /** By the key of router, session and day. */
  readonly #days = new Map<string, Used>();

  constructor(query: Query) {
    this.#query = query;
  }

  /** Sessions in hand. */
  get size(): number {
    return this.#known.size;
  }

  /** Takes messages in the order in which they came, each once. @throws what the database throws */
  async take(batch: readonly Heard[]): Promise<void> {
    await this.#look(batch);
    for (const { message } of batch) {
      const day = isoTime(message.at).slice(0, 10);
      for (const usage of usagesIn(message)) this.#use(message.router, day, usage);
    }
  }

  /** Writes what has changed, in the order of routers and sessions. @throws what the database throws */
  async write(): Promise<void> {
    const sessions = sorted(this.#known)
      .filter(({ isChanged }) => isChanged)
      .map(({ router, session, up, down, millis }) => [router, session, up, down, millis]);
    await bulk(
      this.#query,
      [...keyTypes, ...totalTypes],
      sessions,
      (rows) => `INSERT INTO sessions (router, session, up, down, millis) ${rows}
        ON CONFLICT (router, session) DO UPDATE SET up = excluded.up, down = excluded.down, millis = excluded.millis`,
    );
    const days = sorted(this.#days).map((u) => [u.router, u.session, u.day, u.up, u.down, u.millis]);
    await bulk(
      this.#query,
      [...keyTypes, 'text', ...totalTypes],
      days,
      (rows) => `INSERT INTO days (router, session, day, up, down, millis) ${rows}
        ON CONFLICT (router, session, day) DO UPDATE SET
          up = days.up + excluded.up, down = days.down + excluded.down, millis = days.millis + excluded.millis`,
    );
  }

  /** Learns what is known of the sessions in these messages; those that are new have used nothing. */
  async #look(batch: readonly Heard[]): Promise<void> {
    const wanted: [string, string][] = [];
    for (const { message } of batch) {
      for (const { session } of usagesIn(message)) {
        const key = keyOf(message.router, session);
        if (this.#known.has(key)) continue;
        wanted.push([message.router, session]);
        const { router } = message;
        this.#known.set(key, { router, session, up: 0, down: 0, millis: 0, isChanged: true });
      }
    }
    const rows = await bulk(this.#query, keyTypes, wanted, (keys) => {
      return `SELECT router, session, up, down, millis FROM sessions WHERE (router, session) IN (${keys})`;
    });
    for (const { router, session, up, down, millis } of rows) {
      const known = this.#known.get(keyOf(String(router), String(session)))!;
      Object.assign(known, { up: Number(up), down: Number(down), millis: Number(millis), isChanged: false });
    }
  }

  #use(router: string, day: string, usage: Usage): void {
    const { session } = usage;
    const known = this.#known.get(keyOf(router, session))!;
    const up = Math.max(0, usage.total_up_bytes - known.up);
    const down = Math.max(0, usage.total_down_bytes - known.down);
    const millis = Math.max(0, usage.total_millis - known.millis);
    if (up + down + millis === 0) return;
    known.up += up;
    known.down += down;
    known.millis += millis;
    known.isChanged = true;
    const key = keyOf(router, session, day);
    const sum = this.#days.get(key);
    if (!sum) this.#days.set(key, { router, session, day, up, down, millis });
    else {
      sum.up += up;
      sum.down += down;
      sum.millis += millis;
    }
  }
}

type Usage = Pick<SessionUsage, 'session' | (typeof usageColumns)[number]>;

/** Totals of the sessions that a message tells of. */
function usagesIn(message: Heard['message']): readonly Usage[] {
  return 'sessions' in message ? message.sessions : [message];
}

/** No name has U+0000 in it. */
function keyOf(...names: readonly string[]): string {
  return names.join('\0');
}

function sorted<T>(all: ReadonlyMap<string, T>): T[] {
  return [...all].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one);
}
