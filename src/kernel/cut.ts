import { setTimeout as pause } from 'node:timers/promises';
import type { Mac } from '../domain/mac.js';
import type { Listing } from './listing.js';
import { sets, table } from './names.js';
import type { Nft } from './nft.js';
import { joined } from './ruleset.js';
import { scriptOf } from './script.js';

/** What nft says of one element of the set of those that send on their own connections: mark and device. */
const ownForm = /"concat": ?\[(\d+), ?"([0-9a-f:]{17})"\]/g;

/** Whose connections pass: their mark, and their device. */
interface Own {
  readonly mark: string;
  readonly mac: string;
}

/** The sets of those who are here, and of those who were away: who comes back passes by these at once. */
const ways = [
  { marks: sets.live, own: sets.own },
  { marks: sets.away, own: sets.awayOwn },
] as const;
type Way = (typeof ways)[number];

/**
 * Shuts devices out of a table that an earlier run left, before anybody has read all of it: with thousands of sessions
 * that takes long, and time that is over is over.
 *
 * A device passes by three elements. What else there is of it, the first comparison takes out.
 */
export class Cut {
  readonly #nft: Nft;
  readonly #asked = new Set<Mac>();
  /** Elements that were taken out, by set. */
  readonly #gone = new Map<string, Set<string>>();
  /** Marks and devices that pass each way, as the table was found. */
  #found: readonly Promise<readonly Own[]>[] | undefined;
  #underWay: Promise<void> | undefined;
  #isOver = false;

  constructor(nft: Nft) {
    this.#nft = nft;
  }

  /**
   * Takes these devices out; does nothing once the table was read. The first call also looks who passes, so that later
   * ones need not: nobody else writes into the table. Never rejects.
   */
  take(macs: Iterable<Mac>): Promise<void> {
    if (this.#isOver) return Promise.resolve();
    this.#found ??= ways.map((way) => this.#own(way).catch(() => []));
    for (const mac of macs) this.#asked.add(mac);
    if (this.#asked.size > 0) this.#underWay ??= this.#all();
    return this.#underWay ?? Promise.resolve();
  }

  /** The table as it is when nothing more is taken out: it was listed before or after. */
  async last(found: Listing): Promise<Listing> {
    if (this.#isOver) return found;
    // It took long to take in: whose time ended meanwhile is shut out before all is compared.
    await pause(0);
    this.#isOver = true;
    await this.#underWay;
    this.#found = undefined;
    const elements = new Map(found.elements);
    for (const [set, keys] of this.#gone) {
      const left = [...(elements.get(set) ?? [])].filter(([key]) => !keys.has(key));
      if (elements.has(set)) elements.set(set, new Map(left));
    }
    this.#gone.clear();
    return { ...found, elements };
  }

  async #all(): Promise<void> {
    // Who is named until it is known who passes goes out by the same call: each one reads the whole table.
    await Promise.all(this.#found!);
    while (this.#asked.size > 0) {
      const macs = new Set(this.#asked);
      this.#asked.clear();
      // A table that is not there, or another one: the first comparison makes it.
      await Promise.all(ways.map((way, at) => this.#out(way, this.#found![at]!, macs).catch(() => {})));
    }
    this.#underWay = undefined;
  }

  /** @throws `NftError` where there are no such sets, as in a table of an earlier version */
  async #own(way: Way): Promise<readonly Own[]> {
    const listed = await this.#nft(['-j', 'list', 'set', ...table.split(' '), way.own]);
    return [...listed.matchAll(ownForm)].map(([, mark, mac]) => ({ mark: mark!, mac: mac! }));
  }

  async #out(way: Way, found: Promise<readonly Own[]>, macs: ReadonlySet<string>): Promise<void> {
    const own = (await found).filter(({ mac }) => macs.has(mac));
    if (own.length === 0) return;
    const out = [
      [way.marks, own.map(({ mark }) => mark)],
      [sets.paid, own.map(({ mac }) => mac)],
      [way.own, own.map(({ mark, mac }) => joined([mark, mac]))],
    ] as const;
    await this.#nft(['-f', '-'], scriptOf(out.flatMap(([set, keys]) => removal(set, keys))));
    for (const [set, keys] of out) this.#gone.set(set, new Set([...(this.#gone.get(set) ?? []), ...keys]));
  }
}

/** The kernel refuses to take out what is not there, and adds nothing twice: so it is added first. */
function removal(set: string, keys: readonly string[]): string[] {
  const elements = `element ${table} ${set} { ${keys.join(', ')} }`;
  return [`add ${elements}`, `delete ${elements}`];
}
