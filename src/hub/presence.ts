import { type Database, parts, places } from '../collector/database.js';
import type { Clock } from '../ports/clock.js';
import type { Log } from '../ports/log.js';
import { reasonOf } from '../system-error.js';
import { offline } from './events.js';
import type { Outbox } from './outbox.js';

/** Which routers are there: `online` is 1 or 0 since then, in ms since 1970; `told` is 1 when it is no news any more. */
export const presenceTables: readonly string[] = [
  `CREATE TABLE IF NOT EXISTS presence (
    router TEXT PRIMARY KEY, online BIGINT NOT NULL, since BIGINT NOT NULL, told BIGINT NOT NULL)`,
];

/** How often changes are written down, in ms. */
const lookEveryMs = 5_000;
/** Rows in one statement; events in one transaction. */
const rowsAtOnce = 200;

/** How a router stands. */
export interface Standing {
  readonly isOnline: boolean;
  /** ms since 1970, by the hub's clock. */
  readonly since: number;
  /** `router.offline` has said so, or nobody has seen the router come. */
  readonly isTold: boolean;
}

export interface PresenceParts {
  readonly database: Database;
  readonly outbox: Pick<Outbox, 'tell'>;
  readonly clock: Clock;
  readonly log: Log;
  /** How long a router is away before that is news, in ms. */
  readonly patienceMs: number;
}

/**
 * Who is there and who is away, since when. A broker says at each connection of the hub how every router stands, so
 * what was not written down before a kill is heard again, and a router that went meanwhile is news then.
 */
export class Presence {
  readonly #parts: PresenceParts;
  readonly #known = new Map<string, Standing>();
  readonly #changed = new Set<string>();
  /** Routers that are away without anybody's having been told. */
  readonly #leaving = new Set<string>();
  #cancel = () => {};
  #turn: Promise<void> = Promise.resolve();
  #said = '';

  constructor(parts: PresenceParts) {
    this.#parts = parts;
  }

  /** Each router that was ever seen. */
  get known(): ReadonlyMap<string, Standing> {
    return this.#known;
  }

  /** Reads what is known. Call it before anything is heard. @throws what the database throws */
  async load(): Promise<void> {
    const rows = await this.#parts.database.read((query) => query('SELECT * FROM presence'));
    for (const { router, online, since, told } of rows)
      this.#set(String(router), {
        ...{ isOnline: Number(online) === 1, since: Number(since), isTold: Number(told) === 1 },
      });
  }

  start(): void {
    this.#turn = this.#turn.then(() => this.#look());
    this.#cancel = this.#parts.clock.after(lookEveryMs, () => this.start());
  }

  /** A router comes or goes, or is said to be where it was. */
  heard(router: string, isOnline: boolean): void {
    const before = this.#known.get(router);
    if (before?.isOnline === isOnline) return;
    // A router that was never seen to be there may have been away for years.
    this.#set(router, { isOnline, since: this.#parts.clock.wall(), isTold: isOnline || !before });
    this.#changed.add(router);
  }

  /** Writes down what is not written yet. */
  async stop(): Promise<void> {
    this.#cancel();
    await this.#turn;
    await this.#look();
  }

  #set(router: string, standing: Standing): void {
    this.#known.set(router, standing);
    if (standing.isTold) this.#leaving.delete(router);
    else this.#leaving.add(router);
  }

  async #look(): Promise<void> {
    const { clock, patienceMs, log } = this.#parts;
    try {
      for (const some of parts([...this.#changed], rowsAtOnce)) await this.#write(some, false);
      const now = clock.wall();
      const due = [...this.#leaving].filter((router) => now - this.#known.get(router)!.since >= patienceMs);
      for (const some of parts(due, rowsAtOnce)) await this.#write(some, true);
      this.#said = '';
    } catch (cause) {
      const text = `presence: ${reasonOf(cause)}`;
      if (text !== this.#said) log('error', text);
      this.#said = text;
    }
  }

  /** Writes down how these routers stand, and that they are away for those who want to hear of it. */
  async #write(routers: readonly string[], isNews: boolean): Promise<void> {
    const standings = routers.map((router) => {
      const before = this.#known.get(router)!;
      return { router, before, after: isNews ? { ...before, isTold: true } : before };
    });
    const events = isNews ? standings.map(({ router, before }) => offline(router, before.since)) : [];
    await this.#parts.outbox.tell(events, async (query) => {
      await query(
        `INSERT INTO presence (router, online, since, told) VALUES ${places(routers.length, 4)}
         ON CONFLICT (router) DO UPDATE SET online = excluded.online, since = excluded.since, told = excluded.told`,
        standings.flatMap(({ router, after: { isOnline, since, isTold } }) => {
          return [router, isOnline ? 1 : 0, since, isTold ? 1 : 0];
        }),
      );
    });
    for (const { router, before, after } of standings) {
      // Whoever came or went meanwhile is written down at the next look.
      if (this.#known.get(router) !== before) continue;
      this.#set(router, after);
      this.#changed.delete(router);
    }
  }
}
