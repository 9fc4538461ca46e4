import type { Counted } from '../domain/hold.js';
import type { Mac } from '../domain/mac.js';
import type { Change } from './pieces.js';

/** Devices that are remembered between two looks: where connections cannot be looked at, there is no next one. */
const mostLeft = 2_048;

/**
 * Sessions that began after the last look at connections. Their devices had no session since that look, and without one
 * nothing passes: so all that connections with such a session's mark have moved was moved in it.
 */
export class Newcomers {
  readonly #since = new Map<string, number>();
  /** Devices of sessions that ended since the last look: their connections may go on in another session. */
  readonly #left = new Set<Mac>();
  /** More have left than are remembered: until the next look nobody is known to be new. */
  #isFull = false;

  get size(): number {
    return this.#since.size;
  }

  /** When this session began, in ms; undefined when it is not new. */
  sinceOf(id: string): number | undefined {
    return this.#since.get(id);
  }

  /** Takes in what was changed. @param now in ms; undefined when the sessions that have come are not to count as new */
  note({ before, after }: Pick<Change, 'before' | 'after'>, now: number | undefined): void {
    const had = new Map(before.map(({ hold }) => [hold.id, hold.mac]));
    const has = new Map(after.map(({ hold }) => [hold.id, hold.mac]));
    for (const [id, mac] of had) {
      if (has.get(id) === mac) continue;
      this.#since.delete(id);
      if (!this.#isFull) this.#left.add(mac);
    }
    this.#isFull ||= this.#left.size > mostLeft;
    if (this.#isFull || now === undefined) return;
    const busy = new Set(had.values());
    for (const { hold, from } of after) {
      const isNew = !had.has(hold.id) && from.up + from.down === 0;
      if (isNew && !busy.has(hold.mac) && !this.#left.has(hold.mac)) this.#since.set(hold.id, now);
    }
  }

  /** Takes in a look at connections, with what the counters said of each session. */
  seen(counts: ReadonlyMap<string, Counted>): void {
    this.#left.clear();
    this.#isFull = false;
    for (const id of this.#since.keys()) if (counts.has(id)) this.#since.delete(id);
  }
}
