import type { Clock } from '../ports/clock.js';
import type { Log } from '../ports/log.js';
import { reasonOf } from '../system-error.js';
import type { Database } from './database.js';
import { fold, foldedAt } from './fold.js';
import { printable } from './printable.js';

/** From the end of one fold to the next, in ms: the longer, the fewer rows are written for the same reports. */
const everyMs = 10_000;

/** Folds again and again while a collector runs; several collectors of a database take turns. */
export class Folding {
  readonly #database: Database;
  readonly #log: Log;
  readonly #clock: Pick<Clock, 'wall' | 'after'>;
  #cancel = () => {};
  #running = Promise.resolve();
  #isOver = false;
  #said = '';
  /** Repeats that were found, and messages that went to `unread`, since the start. */
  readonly stats = { repeated: 0, unread: 0 };

  constructor(database: Database, log: Log, clock: Pick<Clock, 'wall' | 'after'>) {
    this.#database = database;
    this.#log = log;
    this.#clock = clock;
    if (database.appends) this.#next(everyMs);
  }

  /** Folds what is there, and ends. */
  async stop(): Promise<void> {
    this.#isOver = true;
    this.#cancel();
    await this.#running;
    if (this.#database.appends) await this.#fold();
  }

  #next(ms: number): void {
    if (this.#isOver) return;
    this.#cancel = this.#clock.after(ms, () => {
      this.#running = this.#turn();
    });
  }

  async #turn(): Promise<void> {
    const wait = await this.#wait();
    if (wait <= 0) await this.#fold();
    this.#next(wait <= 0 ? everyMs : wait);
  }

  /** How long the fold of another collector is good for, in ms. */
  async #wait(): Promise<number> {
    try {
      const now = this.#clock.wall();
      return (await foldedAt(this.#database, now)) + everyMs - now;
    } catch {
      // What is wrong is said by the fold.
      return 0;
    }
  }

  async #fold(): Promise<void> {
    try {
      const { repeated, unread } = await fold(this.#database, this.#clock.wall());
      this.stats.repeated += repeated;
      this.stats.unread += unread;
      this.#said = '';
      if (unread > 0)
        this.#log('warn', `${unread} messages: the database refuses them; the table unread has them`);
    } catch (cause) {
      const text = printable(`the database: totals wait: ${reasonOf(cause)}`);
      if (text !== this.#said) this.#log('error', text);
      this.#said = text;
    }
  }
}
