import type { Log } from '../../ports/log.js';
import type { Safe } from '../../ports/safe.js';
import type { Entry } from './entry.js';

/** All tokens that were taken and are not gone yet, in memory and in the safe. */
export class Purse {
  readonly #safe: Safe;
  readonly #log: Log;
  readonly #entries = new Map<string, Entry>();
  /** What happened and could not be written yet. */
  readonly #unwritten = new Set<string>();
  #isClosed = false;
  readonly #turns = new Map<string, Promise<unknown>>();

  constructor(safe: Safe, log: Log) {
    this.#safe = safe;
    this.#log = log;
    for (const [id, entry] of safe.all()) this.#entries.set(id, entry as Entry);
  }

  get(id: string): Entry | undefined {
    return this.#entries.get(id);
  }

  all(): Entry[] {
    return [...this.#entries.values()];
  }

  /** Nothing is begun any more: another purse is about to be opened on the same safe. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Resolves when all that was begun is written. */
  async close(): Promise<void> {
    this.#isClosed = true;
    while (this.#turns.size > 0) await Promise.all(this.#turns.values());
  }

  /** Runs work on one entry when all earlier work on it is over; none, and undefined, when the purse is closed. */
  async inTurn<T>(id: string, work: () => Promise<T>): Promise<T | undefined> {
    if (this.#isClosed) return undefined;
    const before = this.#turns.get(id) ?? Promise.resolve();
    const done = before.then(work);
    const turn = done
      .catch(() => {})
      .finally(() => {
        if (this.#turns.get(id) === turn) this.#turns.delete(id);
      });
    this.#turns.set(id, turn);
    return done;
  }

  /** Writes what is to be done next; it may be done when this resolves. Rejects as {@link Safe.put} does. */
  async decide(entry: Entry): Promise<void> {
    await this.#safe.put(entry.id, entry);
    this.#entries.set(entry.id, entry);
    this.#unwritten.delete(entry.id);
  }

  /** Notes what has happened already: it is so even while the disk refuses it. */
  async note(id: string, entry: Entry | undefined): Promise<void> {
    if (entry) this.#entries.set(id, entry);
    else this.#entries.delete(id);
    try {
      await this.#safe.put(id, entry);
      this.#unwritten.delete(id);
    } catch (cause) {
      this.#unwritten.add(id);
      this.#log('error', `cashu: ${cause instanceof Error ? cause.message : cause}`);
    }
  }

  /** Tries again to write what the disk refused. */
  async writeAgain(): Promise<void> {
    for (const id of [...this.#unwritten]) await this.note(id, this.#entries.get(id));
  }
}
