import type { Caps, Counted } from '../domain/hold.js';
import { counts, objectName } from './names.js';
import { isNear, judge, lengthened, type Piece, renewed } from './piece.js';
import type { Change, Pieces } from './pieces.js';
import type { Objects, Reader } from './reader.js';
import type { Ruleset } from './ruleset.js';
import { inSlices } from './slices.js';

/** Writes a change of pieces, whatever that takes. */
type Write = (change: Pick<Change, 'before' | 'after'>) => Promise<void>;

/**
 * Keeps every quota at what its session has left: the kernel's quotas also count the packets that they drop, and
 * what was dropped is never used up.
 */
export class Quotas {
  readonly #reader: Reader;
  readonly #pieces: Pieces;
  readonly #write: Write;
  /** Sessions that are so near a cap that the kernel may have dropped a packet. */
  readonly #near = new Set<string>();
  /** Sessions with a quota that was seen to end too soon. */
  readonly #odd = new Set<string>();

  constructor(reader: Reader, pieces: Pieces, write: Write) {
    this.#reader = reader;
    this.#pieces = pieces;
    this.#write = write;
  }

  /** Takes in that a session's count or its caps have changed. */
  watch(piece: Piece): void {
    const { id } = piece.hold;
    if (isNear(piece, this.#pieces.countOf(id))) this.#near.add(id);
  }

  /** Takes in a whole table. Its objects were read in any order, so quotas that look odd are read again. */
  async noteTable({ quotas, counters }: Ruleset): Promise<void> {
    await inSlices(this.#pieces.all, (piece) => {
      const [up = 0, down = 0] = countersOf(piece).map((name) => counters.get(name) ?? 0);
      const { renew, short } = judge(piece, quotas, { up, down });
      if (renew.length > 0 || short.size > 0) this.#odd.add(piece.hold.id);
    });
  }

  /** Mends those that look odd in a whole table now: a top-up that the last run had not written waits for no count. */
  async mend(): Promise<void> {
    const ids = [...this.#odd];
    this.#odd.clear();
    await this.settle(ids);
  }

  /** The sessions that have reached a cap, and those caps. */
  spent(): Promise<ReadonlyMap<string, Caps>> {
    for (const id of this.#near) {
      const piece = this.#pieces.get(id);
      const isNow = piece?.hold.live && isNear(piece, this.#pieces.countOf(id));
      if (!isNow) this.#near.delete(id);
    }
    const ids = [...new Set([...this.#near, ...this.#odd])];
    this.#odd.clear();
    return this.settle(ids);
  }

  /**
   * Of the sessions whose caps are raised, those that were so near one that it may be reached by now. The others
   * are looked at with the next counts: nft may fetch the objects of all sessions for each call.
   */
  urgent({ before, raised }: Change): string[] {
    for (const id of raised) this.#odd.add(id);
    const isUrgent = (piece: Piece) => isNear(piece, this.#pieces.countOf(piece.hold.id));
    return before
      .filter((piece) => raised.includes(piece.hold.id) && isUrgent(piece))
      .map(({ hold }) => hold.id);
  }

  /** The change, with quotas of these sessions made anew that are spent. */
  async before(change: Change, ids: readonly string[]): Promise<Pick<Change, 'before' | 'after'>> {
    const raised = change.before.filter(({ hold }) => ids.includes(hold.id));
    if (raised.length === 0) return change;
    const found = await this.#read(raised);
    const after = change.after.map((piece) => {
      const was = raised.find(({ hold }) => hold.id === piece.hold.id);
      if (!was) return piece;
      const spent = was.quotas.filter(({ name }) => isSpent(found, name)).map(({ kind }) => kind);
      return renewed(piece, spent, countedIn(found, piece));
    });
    return { ...change, after };
  }

  /** Mends the quotas of these sessions that have counted what they dropped. @returns caps that are reached. */
  async settle(ids: readonly string[]): Promise<ReadonlyMap<string, Caps>> {
    const before = ids.flatMap((id) => this.#pieces.get(id) ?? []);
    if (before.length === 0) return new Map();
    const found = await this.#read(before);
    const seen = new Map([...found].map(([name, { bytes, used }]) => [name, { limit: bytes, used }]));
    const spent = new Map<string, Caps>();
    const after = before.map((piece) => {
      const counted = countedIn(found, piece);
      this.#pieces.noteCount(piece.hold.id, counted);
      const verdict = judge(piece, seen, counted);
      if (Object.keys(verdict.spent).length > 0) spent.set(piece.hold.id, verdict.spent);
      return lengthened(renewed(piece, verdict.renew, counted), verdict.short);
    });
    await this.#write({ before, after });
    return spent;
  }

  #read(pieces: readonly Piece[]): Promise<Objects> {
    const quotas = pieces.flatMap((piece) => piece.quotas.map(({ name }) => name));
    return this.#reader.objects(quotas, pieces.flatMap(countersOf));
  }
}

/** Names of a session's counters: up, down. */
export function countersOf({ index, hold }: Piece): string[] {
  return counts.map(({ prefix }) => objectName(prefix, index, hold.id));
}

/** What a session's counters say among objects that were read. */
export function countedIn(found: Objects, piece: Piece): Counted {
  const [up = 0, down = 0] = countersOf(piece).map((name) => found.get(name)?.bytes ?? 0);
  return { up, down };
}

function isSpent(found: Objects, name: string): boolean {
  const quota = found.get(name);
  return quota !== undefined && quota.used >= quota.bytes;
}
