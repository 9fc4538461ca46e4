import type { Log } from '../ports/log.js';
import { reasonOf } from '../system-error.js';
import { append } from './append.js';
import type { Database } from './database.js';
import { apply, type Heard } from './ledger.js';
import { printable } from './printable.js';
import { isRefusal } from './refusal.js';
import { keepUnread, type Unread } from './unread.js';

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

/** How long it waits for a database that takes nothing now, in ms. */
const retryMs = 1_000;

/** Collects messages while a transaction is under way, and writes them to the database together in the next one. */
export class Inbox {
  readonly #database: Database;
  readonly #log: Log;
  readonly stats: InboxStats = { messages: 0, repeated: 0, unread: 0, commits: 0 };
  #waiting: Waiting[] = [];
  #writing: Promise<void> | undefined;
  #stopped = false;
  /** The trouble that was logged last. */
  #said = '';

  constructor(database: Database, log: Log) {
    this.#database = database;
    this.#log = log;
  }

  /** Resolves when the item is committed to the database; never, if the collector ends before that. */
  take(item: Item): Promise<void> {
    return new Promise((written) => {
      if (this.#stopped) return;
      this.#waiting.push({ item, written });
      this.#writing ??= this.#write();
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
      if (this.#stopped) break;
      await new Promise((resolve) => setTimeout(resolve, retryMs));
    }
    // In the same turn as the last look: whoever comes after it begins anew.
    this.#writing = undefined;
  }

  /** Writes a batch in one transaction. @returns the items that the database does not take now */
  async #writeAll(batch: readonly Waiting[]): Promise<readonly Waiting[]> {
    const heard = batch.flatMap(({ item }) => item.heard ?? []);
    try {
      if (heard.length > 0) await this.#apply(heard);
      for (const { item } of batch) if (item.unread) await this.#keep(item.unread);
    } catch (cause) {
      this.#say(`the database: ${reasonOf(cause)}`);
      const [first, ...others] = batch;
      if (others.length > 0) return this.#writeEach(batch);
      return (await this.#setAside(first!, cause)) ? [] : batch;
    }
    this.#said = '';
    for (const { written } of batch) written();
    return [];
  }

  /** Writes each item by itself, so that a message which the database refuses does not hold up the others. */
  async #writeEach(batch: readonly Waiting[]): Promise<readonly Waiting[]> {
    for (const [i, one] of batch.entries()) {
      // The one that is not taken comes last the next time: if it is at fault, it holds up nobody.
      if ((await this.#writeAll([one])).length > 0) return [...batch.slice(i + 1), one];
    }
    return [];
  }

  /**
   * Keeps a message among the unread ones, if the database refuses it for what is in it. After any other error it
   * waits: it is as good as it was.
   */
  async #setAside({ item: { heard }, written }: Waiting, cause: unknown): Promise<boolean> {
    if (!heard || !isRefusal(cause)) return false;
    const { topic, message } = heard;
    const payload = Buffer.from(JSON.stringify(message));
    try {
      await this.#keep({ topic: `${message.router}/${topic}`, payload, reason: reasonOf(cause) });
    } catch {
      return false;
    }
    written();
    return true;
  }

  /** Logs what is wrong with the database, once until it takes something again. */
  #say(text: string): void {
    if (text !== this.#said) this.#log('error', printable(text));
    this.#said = text;
  }

  async #apply(heard: readonly Heard[]): Promise<void> {
    const { repeated } = this.#database.appends
      ? await append(this.#database, heard, Date.now())
      : await apply(this.#database, heard);
    this.stats.messages += heard.length;
    this.stats.repeated += repeated;
    this.stats.commits += 1;
  }

  async #keep(unread: Unread): Promise<void> {
    await keepUnread(this.#database, unread, Date.now());
    this.stats.unread += 1;
    this.#log('warn', printable(`${unread.topic}: cannot be read: ${unread.reason}`));
  }
}
