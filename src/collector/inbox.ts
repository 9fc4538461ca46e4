import type { Log } from '../ports/log.js';
import { reasonOf } from '../system-error.js';
import type { Database } from './database.js';
import { apply, type Heard, keepUnread, type Unread } from './ledger.js';

/** What came in. */
export type Item =
  | { readonly heard: Heard; readonly unread?: never }
  | { readonly unread: Unread; readonly heard?: never };

interface Waiting {
  readonly item: Item;
  readonly written: () => void;
}

/** Counts since the start. */
export interface InboxStats {
  messages: number;
  repeated: number;
  unread: number;
  /** Transactions. */
  commits: number;
}

const retryMs = 1_000;

/** Collects messages while a transaction is under way, and writes them to the database together in the next one. */
export class Inbox {
  readonly #database: Database;
  readonly #log: Log;
  readonly stats: InboxStats = { messages: 0, repeated: 0, unread: 0, commits: 0 };
  #waiting: Waiting[] = [];
  #writing: Promise<void> | undefined;
  #stopped = false;

  constructor(database: Database, log: Log) {
    this.#database = database;
    this.#log = log;
  }

  /** Resolves when the item is committed to the database; never, if the collector ends before that. */
  take(item: Item): Promise<void> {
    return new Promise((written) => {
      if (this.#stopped) return;
      this.#waiting.push({ item, written });
      this.#writing ??= this.#write().finally(() => {
        this.#writing = undefined;
      });
    });
  }

  /** Resolves when all items that were taken are written, or cannot be. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#writing;
  }

  async #write(): Promise<void> {
    // Wait for the other messages of this turn, to write them in the same transaction.
    await new Promise(setImmediate);
    while (this.#waiting.length > 0) {
      const left = await this.#writeAll(this.#waiting.splice(0));
      if (left.length === 0) continue;
      this.#waiting.unshift(...left);
      if (this.#stopped) return;
      await new Promise((resolve) => setTimeout(resolve, retryMs));
    }
  }

  /** Writes a batch in one transaction. @returns the items that the database does not take now */
  async #writeAll(batch: readonly Waiting[]): Promise<readonly Waiting[]> {
    const heard = batch.flatMap(({ item }) => item.heard ?? []);
    try {
      if (heard.length > 0) await this.#apply(heard);
      for (const { item } of batch) if (item.unread) await this.#keep(item.unread);
    } catch (cause) {
      this.#log('error', `the database: ${reasonOf(cause)}`);
      const [first, ...others] = batch;
      if (others.length > 0) return this.#writeEach(batch);
      return (await this.#setAside(first!.item, first!.written, cause as Error)) ? [] : batch;
    }
    for (const { written } of batch) written();
    return [];
  }

  /** Writes each item by itself, so that a message which the database refuses does not hold up the others. */
  async #writeEach(batch: readonly Waiting[]): Promise<readonly Waiting[]> {
    for (const [i, one] of batch.entries()) {
      if ((await this.#writeAll([one])).length > 0) return batch.slice(i);
    }
    return [];
  }

  /** Keeps a message that the database refuses among the unread ones, if the database can be written at all. */
  async #setAside({ heard }: Item, written: () => void, cause: Error): Promise<boolean> {
    if (!heard) return false;
    const { topic, message } = heard;
    const payload = Buffer.from(JSON.stringify(message));
    try {
      await this.#keep({ topic: `${message.router}/${topic}`, payload, reason: cause.message });
    } catch {
      return false;
    }
    written();
    return true;
  }

  async #apply(heard: readonly Heard[]): Promise<void> {
    const { repeated } = await apply(this.#database, heard);
    this.stats.messages += heard.length;
    this.stats.repeated += repeated;
    this.stats.commits += 1;
  }

  async #keep(unread: Unread): Promise<void> {
    await keepUnread(this.#database, unread, Date.now());
    this.stats.unread += 1;
    this.#log('warn', `${unread.topic}: cannot be read: ${unread.reason}`);
  }
}
