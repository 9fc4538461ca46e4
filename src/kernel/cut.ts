import type { Mac } from '../domain/mac.js';
import type { Marks } from './marks.js';
import { passing, sets, table } from './names.js';
import type { Nft } from './nft.js';
import type { Pieces } from './pieces.js';
import { Rest } from './rest.js';
import { joined, type Ruleset } from './ruleset.js';
import { removal, scriptOf } from './script.js';
import { Together } from './together.js';
import { Turns } from './turns.js';

/** What nft says of one element of the set of those that send on their own connections: mark and device. */
const ownForm = /"concat": ?\[(\d+), ?"([0-9a-f:]{17})"\]/g;

/** Whose connections pass: their mark, and their device. */
interface Own {
  readonly mark: string;
  readonly mac: Mac;
}

/** The sets of those who are here, and of those who were away: who comes back passes by these at once. */
const ways = [
  { marks: sets.live, own: sets.own, isAway: false },
  { marks: sets.away, own: sets.awayOwn, isAway: true },
] as const;
type Way = (typeof ways)[number];

/**
 * Shuts devices out of the table by small calls of nft of its own, beside whatever else is under way: with thousands of
 * sessions that takes long, and time that is over is over.
 *
 * A device passes by three elements. What else there is of it, and what a write that was under way meanwhile has put
 * back, is for the next change: {@link settled} says of whom.
 */
export class Cut {
  readonly #nft: Nft;
  readonly #pieces: Pieces;
  readonly #marks: Marks;
  readonly #turns = new Turns();
  /** nft begins anew to read what somebody has written meanwhile: one cut after the other, and nothing is ever read. */
  readonly #rest = new Rest();
  readonly #out = new Together<Mac, void>(
    this.#turns,
    (macs) => this.#takeOut(macs),
    () => this.#rest.over(),
  );
  /** Devices that were asked for since the last {@link settled}. */
  #unsettled = new Set<Mac>();
  /** Marks and devices that pass each way, as an earlier run left them: until the pieces of this one are known. */
  #found: readonly Promise<readonly Own[]>[] | undefined;
  #isKnown = false;

  constructor(nft: Nft, pieces: Pieces, marks: Marks) {
    this.#nft = nft;
    this.#pieces = pieces;
    this.#marks = marks;
  }

  /** Somebody was taken out of whom the table and the pieces may differ. */
  get isUnsettled(): boolean {
    return this.#unsettled.size > 0;
  }

  /**
   * Takes these devices out. The first call also looks who passes in the table of an earlier run, so that later ones need
   * not: nobody else writes into the table. Never rejects.
   */
  take(macs: Iterable<Mac>): Promise<void> {
    if (!this.#isKnown && !this.#found) {
      const found = ways.map((way) => this.#listed(way).catch(() => []));
      this.#found = found;
      // Who is named until it is known who passes goes out by one call: each call reads the whole table.
      void this.#turns.take(() => Promise.all(found));
    }
    const asked = [...macs];
    for (const mac of asked) this.#unsettled.add(mac);
    return asked.length > 0 ? this.#out.ask(...asked) : Promise.resolve();
  }

  /** A table was written: the pieces say who passes. */
  known(): void {
    this.#isKnown = true;
    this.#found = undefined;
  }

  /** The devices that were asked for since the last call; those who are asked for meanwhile are the next one's. */
  async settled(): Promise<ReadonlySet<Mac>> {
    const macs = this.#unsettled;
    this.#unsettled = new Set();
    this.#rest.end();
    if (macs.size > 0) await this.#turns.done();
    return macs;
  }

  async #takeOut(macs: ReadonlySet<Mac>): Promise<void> {
    // A table that is not there, or another one: the first comparison makes it.
    const wrote = await Promise.all(ways.map((way, at) => this.#takeOutOf(way, at, macs).catch(() => false)));
    if (wrote.includes(true)) this.#rest.begin();
  }

  /** @throws `NftError` where there are no such sets, as in a table of an earlier version */
  async #listed(way: Way): Promise<readonly Own[]> {
    const listed = await this.#nft(['-j', 'list', 'set', ...table.split(' '), way.own]);
    return [...listed.matchAll(ownForm)].map(([, mark, mac]) => ({ mark: mark!, mac: mac as Mac }));
  }

  /** @returns whether it had to write */
  async #takeOutOf(way: Way, at: number, macs: ReadonlySet<Mac>): Promise<boolean> {
    const found = await this.#found?.[at];
    const own = found ? found.filter(({ mac }) => macs.has(mac)) : this.#ownOf(way, macs);
    if (own.length === 0) return false;
    const out = [
      [way.marks, own.map(({ mark }) => mark)],
      [sets.paid, own.map(({ mac }) => mac)],
      [way.own, own.map(({ mark, mac }) => joined([mark, mac]))],
    ] as const;
    await this.#nft(['-f', '-'], scriptOf(out.flatMap(([set, keys]) => removal(set, keys.join(', ')))));
    return true;
  }

  #ownOf({ isAway }: Way, macs: ReadonlySet<Mac>): Own[] {
    const pieces = [...macs].flatMap((mac) => this.#pieces.of(mac));
    return pieces
      .filter(({ hold, rest }) => hold.live && (rest !== undefined) === isAway)
      .map(({ index, hold: { mac } }) => ({ mark: String(this.#marks.of(index)), mac }));
  }
}

/** The same of which nobody knows by which elements somebody passes: those that are to stay are written again. */
export function unsure(ruleset: Ruleset): Ruleset {
  const elements = new Map(ruleset.elements);
  for (const set of passing) {
    const keys = [...(elements.get(set)?.keys() ?? [])];
    if (keys.length > 0) elements.set(set, new Map(keys.map((key) => [key, 'unsure'])));
  }
  return { ...ruleset, elements };
}
