/** What the kernel says of one connection. */
export interface Connection {
  /** A hash of 64 bits of its addresses, ports and zone. */
  low: number;
  high: number;
  /** The whole mark, as an unsigned number. */
  mark: number;
  /** Bytes from who opened it, or from the customer where it came in through a forwarded port. */
  up: number;
  down: number;
}

/** Numbers of each connection in the table: of 32 bits, and doubles. */
const [words, doubles] = [5, 2];
const word = { low: 0, high: 1, mark: 2, pass: 3, told: 4 } as const;
/** Of the slots so many may be taken, so that each connection is found within a few steps. */
const mostTaken = 0.5;
/** A connection that so many passes have not seen is gone. One pass may miss some: see {@link Connections}. */
const keptPasses = 8;

/** Bytes of memory for so many connections. */
export function roomFor(connections: number): number {
  const slots = connections / mostTaken;
  return slots * (words * Uint32Array.BYTES_PER_ELEMENT + doubles * Float64Array.BYTES_PER_ELEMENT);
}

/**
 * What each connection had moved at the last pass over all of them, in shared memory: any thread may take the next.
 *
 * A pass is no snapshot: while the kernel lists its connections some come and go, and one that was there all the
 * time may be listed twice, or be missed. So a connection is new only when none of the last passes saw it, and of one
 * that the last pass missed nothing is said.
 */
export class Connections {
  readonly #words: Uint32Array;
  readonly #doubles: Float64Array;
  readonly #slots: number;

  /** `memory`: of {@link roomFor} bytes, zero at first. */
  constructor(memory: SharedArrayBuffer) {
    const bytes = roomFor(1) * mostTaken;
    this.#slots = Math.trunc(memory.byteLength / bytes);
    this.#doubles = new Float64Array(memory, 0, this.#slots * doubles);
    this.#words = new Uint32Array(memory, this.#doubles.byteLength, this.#slots * words);
  }

  /** No pass has seen any. */
  get isEmpty(): boolean {
    return this.#taken() === 0;
  }

  /** Makes room before pass number `pass`. @returns connections that it may see beyond those that are known */
  begin(pass: number): number {
    const room = () => Math.trunc(this.#slots * mostTaken) - this.#taken();
    if (room() < this.#slots / 8) this.#purge(pass - keptPasses);
    return room();
  }

  /** Takes in what pass number `pass`, 1 or more, says of a connection. @returns whether it was not known */
  note(pass: number, { low, high, mark, up, down }: Readonly<Connection>): boolean {
    const slot = this.#find(low, high);
    const at = slot * words;
    const isNew = this.#words[at + word.pass] === 0;
    this.#words[at + word.low] = low;
    this.#words[at + word.high] = high;
    this.#words[at + word.mark] = mark;
    this.#words[at + word.pass] = pass;
    this.#doubles[slot * doubles] = up;
    this.#doubles[slot * doubles + 1] = down;
    return isNew;
  }

  /**
   * Adds to `sum` what a connection has moved since pass number `pass`, once for each `round`; nothing where that is
   * not sure. `mask`: the bits of the mark that say whose it is. @returns whether it was not known
   */
  since(pass: number, round: number, mask: number, found: Connection, sum: Sum): boolean {
    const slot = this.#find(found.low, found.high);
    const at = slot * words;
    const known = this.#words[at + word.pass]!;
    // What moved before the pass was nothing: also for the next round.
    if (known === 0) this.note(pass, { ...found, up: 0, down: 0 });
    if (this.#words[at + word.told] === round) return false;
    this.#words[at + word.told] = round;
    const [mark, had] = [(found.mark & mask) >>> 0, (this.#words[at + word.mark]! & mask) >>> 0];
    // What moved for another session is in that one's counter.
    if (this.#words[at + word.pass] !== pass || mark !== had) return known === 0;
    const [up, down] = [this.#doubles[slot * doubles]!, this.#doubles[slot * doubles + 1]!];
    // One that says less is another one, of the same addresses and ports.
    const isSame = found.up >= up && found.down >= down;
    sum(mark, found.up - (isSame ? up : 0), found.down - (isSame ? down : 0));
    return known === 0;
  }

  #taken(): number {
    let taken = 0;
    for (let at = word.pass; at < this.#words.length; at += words) taken += this.#words[at] === 0 ? 0 : 1;
    return taken;
  }

  /** The slot of a connection, or the free one that it would get. */
  #find(low: number, high: number): number {
    let slot = low % this.#slots;
    for (;;) {
      const at = slot * words;
      if (this.#words[at + word.pass] === 0) return slot;
      if (this.#words[at + word.low] === low && this.#words[at + word.high] === high) return slot;
      slot = slot + 1 === this.#slots ? 0 : slot + 1;
    }
  }

  /** Forgets connections that no pass has seen since this one. */
  #purge(before: number): void {
    const [had, counts] = [this.#words.slice(), this.#doubles.slice()];
    this.#words.fill(0);
    for (let slot = 0; slot < this.#slots; slot++) {
      const [low, high, mark, pass] = had.subarray(slot * words, slot * words + word.told);
      if (pass === 0 || pass! < before) continue;
      const [up, down] = [counts[slot * doubles]!, counts[slot * doubles + 1]!];
      this.note(pass!, { low: low!, high: high!, mark: mark!, up, down });
    }
  }
}

/** Takes bytes of connections with a mark. */
export type Sum = (mark: number, up: number, down: number) => void;
