import type { Counted, Hold } from '../domain/hold.js';
import type { Mac } from '../domain/mac.js';
import type { Wanted } from '../ports/kernel.js';
import type { Marks } from './marks.js';
import { counterIn, counts, idForm } from './names.js';
import { isRaised, isSame, newPiece, type Piece, withCaps } from './piece.js';
import type { Ruleset } from './ruleset.js';
import { inSlices } from './slices.js';
import { Slots } from './slots.js';

/** What some sessions have in the kernel, and what they are to have. */
export interface Change {
  readonly before: readonly Piece[];
  readonly after: readonly Piece[];
  /** Sessions with a cap that is new or was raised. */
  readonly raised: readonly string[];
}

/** What the kernel has of each session, and what it has counted. */
export class Pieces {
  readonly #pieces = new Map<string, Piece>();
  readonly #ofMac = new Map<Mac, Set<string>>();
  readonly #counts = new Map<string, Counted>();
  /** What each quota said that was used, when the whole table was read last. */
  #used: ReadonlyMap<string, number> = new Map();
  readonly #marks: Marks;
  readonly #slots: Slots;
  /** Of the table that was taken in: only until {@link forgetOthers}. */
  #found: Ruleset['elements'] = new Map();
  /** Sessions whose index is that of an earlier run, also until then. */
  readonly #restored = new Set<string>();
  #isFull = false;

  /** `after`: the index before the first that is given. */
  constructor(marks: Marks, after: number) {
    this.#marks = marks;
    this.#slots = new Slots(marks.most, after);
  }

  get size(): number {
    return this.#pieces.size;
  }

  /** Counters in the kernel. */
  get counters(): number {
    return counts.length * this.size;
  }

  get all(): Iterable<Piece> {
    return this.#pieces.values();
  }

  /** A session has no place in the kernel, for every index is taken. */
  get isFull(): boolean {
    return this.#isFull;
  }

  get(id: string): Piece | undefined {
    return this.#pieces.get(id);
  }

  /** Those of this device. */
  of(mac: Mac): Piece[] {
    return [...(this.#ofMac.get(mac) ?? [])].flatMap((id) => this.#pieces.get(id) ?? []);
  }

  /** A session of this device is live. */
  passes(mac: Mac): boolean {
    return this.of(mac).some(({ hold }) => hold.live);
  }

  /** The bytes that this device's sessions have sent, as far as they were read. */
  sent(mac: Mac): number {
    return this.of(mac).reduce((sum, { hold }) => sum + this.countOf(hold.id).up, 0);
  }

  /** The piece with this index. */
  at(index: number): Piece | undefined {
    const id = this.#slots.idOf(index);
    return id === undefined ? undefined : this.#pieces.get(id);
  }

  /** The bytes that the kernel has counted of a session, as far as they were read. */
  countOf(id: string): Counted {
    return this.#counts.get(id) ?? { up: 0, down: 0 };
  }

  /** The same of all sessions, as it is now. */
  counts(): ReadonlyMap<string, Counted> {
    return new Map(this.#counts);
  }

  /** Takes in what a session's counter says. @returns false when it says less than before. */
  noteCount(id: string, { up, down }: Counted): boolean {
    const before = this.countOf(id);
    this.#counts.set(id, { up: Math.max(up, before.up), down: Math.max(down, before.down) });
    return up >= before.up && down >= before.down;
  }

  /** Takes in a table, also one of an earlier run. @returns false when a counter or a quota says less than before. */
  async noteTable({ counters, quotas, elements }: Ruleset): Promise<boolean> {
    const used = new Map<string, number>();
    this.#found = elements;
    let isWhole = true;
    await inSlices(quotas, ([name, quota]) => {
      isWhole &&= quota.used >= Math.min(this.#used.get(name) ?? 0, quota.limit);
      used.set(name, quota.used);
    });
    this.#used = used;
    await inSlices(counters, ([name, bytes]) => {
      const known = counterIn(name);
      if (!known) return;
      const { way, index, id } = known;
      if (this.#slots.restore(index, id)) this.#restored.add(id);
      isWhole = this.noteCount(id, { ...this.countOf(id), [way]: bytes }) && isWhole;
    });
    return isWhole;
  }

  /**
   * What is to change for these sessions, and for others of the same devices, which share entries with them. After a
   * restart thousands go on as they are. `cut`: devices of which nobody knows what of them is in the table.
   */
  changeOf(ids: Iterable<string>, hold: (id: string) => Hold | undefined, cut: Iterable<Mac> = []): Change {
    const differs = (id: string) => !isSame(this.#pieces.get(id)?.hold, hold(id));
    const changed = [...ids].filter((id) => [...this.#withDevice(id, hold(id))].some(differs));
    const unsure = [...cut].flatMap((mac) => this.of(mac)).map(({ hold: { id } }) => id);
    return this.#changeOf([...changed, ...unsure], hold);
  }

  #changeOf(ids: Iterable<string>, hold: (id: string) => Hold | undefined): Change {
    const concerned = new Set<string>();
    for (const id of ids) for (const other of this.#withDevice(id, hold(id))) concerned.add(other);
    const before: Piece[] = [];
    const after: Piece[] = [];
    const raised: string[] = [];
    for (const id of concerned) {
      const was = this.#pieces.get(id);
      const is = this.#next(was, hold(id));
      if (was) before.push(was);
      if (is) after.push(is);
      // What is new has new quotas anyway.
      const isThere = was?.index === is?.index;
      if (was && is && isThere && isRaised(was.hold.caps, is.hold.caps)) raised.push(id);
    }
    return { before, after, raised };
  }

  /** The same for all sessions, those that are wanted and those that are there. */
  changeOfAll(wanted: Wanted): Change {
    const ids = [...[...wanted.holds()].map(({ id }) => id), ...this.#pieces.keys()];
    return this.#changeOf(new Set(ids), (id) => wanted.hold(id));
  }

  /** What all sessions are to have in a table that is made anew. */
  async anew(holds: Iterable<Hold>): Promise<Piece[]> {
    const pieces: Piece[] = [];
    // As they are now: of two sessions of a device one at the most may pass.
    await inSlices([...holds], (hold) => {
      const piece = this.#first(hold);
      if (piece) pieces.push(piece);
    });
    return pieces;
  }

  /** Puts what the kernel has now in the place of what it had. */
  keep({ before, after }: Pick<Change, 'before' | 'after'>): void {
    const left = new Set(after.map(({ hold }) => hold.id));
    for (const { hold } of before) if (!left.has(hold.id)) this.#drop(hold);
    for (const piece of after) {
      const { id, mac } = piece.hold;
      const had = this.#pieces.get(id)?.hold;
      if (had && had.mac !== mac) this.#leave(had);
      this.#pieces.set(id, piece);
      // Its counters begin with this: what they say later must not be less.
      if (!this.#counts.has(id)) this.#counts.set(id, piece.from);
      const own = this.#ofMac.get(mac);
      if (own) own.add(id);
      else this.#ofMac.set(mac, new Set([id]));
    }
  }

  #withDevice(id: string, hold: Hold | undefined): Iterable<string> {
    const macs = [this.#pieces.get(id)?.hold.mac, hold?.mac];
    const others = macs.flatMap((mac) => (mac ? this.of(mac) : []));
    return new Set([id, ...others.map(({ hold: { id } }) => id)]);
  }

  #next(was: Piece | undefined, hold: Hold | undefined): Piece | undefined {
    if (!hold) return undefined;
    const isThere = was?.hold.mac === hold.mac;
    return isThere ? withCaps({ ...was, from: this.#begin(hold) }, hold) : this.#first(hold);
  }

  /** What has been counted, by the kernel or in the books: the kernel goes on from the larger. */
  #begin({ id, used }: Hold): Counted {
    const { up, down } = this.countOf(id);
    return { up: Math.max(up, used.up), down: Math.max(down, used.down) };
  }

  #first(hold: Hold): Piece | undefined {
    const had = this.#pieces.get(hold.id)?.hold.mac;
    // Another device has another mark: connections of the first one keep theirs, and must not pass for it.
    const isThere = had === undefined ? !this.#isOfAnother(hold) : had === hold.mac;
    if (!isThere) this.#slots.free(hold.id);
    const index = idForm.test(hold.id) ? this.#slots.take(hold.id) : undefined;
    this.#isFull = index === undefined;
    if (index === undefined) return undefined;
    return newPiece(index, hold, this.#begin(hold));
  }

  /** Forgets what a table had of sessions that are over. */
  forgetOthers(): void {
    this.#found = new Map();
    this.#restored.clear();
    for (const id of [...this.#counts.keys()]) if (!this.#pieces.has(id)) this.#forget(id);
  }

  /** Its index is of an earlier run, which did not lead this device to it: it may have been another device's. */
  #isOfAnother({ id, mac }: Hold): boolean {
    const index = this.#slots.indexOf(id);
    if (index === undefined || !this.#restored.delete(id)) return false;
    return this.#marks.steps(index).some(([map, chain]) => this.#found.get(map)?.get(mac) !== chain);
  }

  #drop(hold: Hold): void {
    this.#pieces.delete(hold.id);
    this.#forget(hold.id);
    this.#leave(hold);
  }

  #forget(id: string): void {
    this.#counts.delete(id);
    this.#slots.free(id);
  }

  #leave({ id, mac }: Hold): void {
    const own = this.#ofMac.get(mac);
    own?.delete(id);
    if (own?.size === 0) this.#ofMac.delete(mac);
  }
}
