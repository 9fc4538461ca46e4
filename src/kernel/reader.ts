import type { Premises } from '../ports/premises.js';
import { hasFlowtable, type Listing, noListing, parseListing, parseObjects } from './listing.js';
import { table } from './names.js';
import { type Nft, NftError } from './nft.js';
import { fillsFlowtable } from './offload.js';
import { moving, stilled } from './rebuild.js';
import { scriptOf } from './script.js';

/**
 * nft 1.1 fetches only the object that the last line of a script names, and knows no other one that was asked for before.
 * Behind a line that names none it has them all.
 */
const namesNone = 'list tables\n';
/** Objects that are asked for by name: as many as fit well into one call. */
const mostObjects = 500;
/**
 * For so long, in ms, a table is left as it is when its counters cannot be read either: memory may be short for a moment,
 * and who makes a table anew without its counters bills nothing of what they said. At a start much is asked at once, so
 * the number of tries says nothing.
 */
const blindMs = 15_000;

/** Single objects as they were read, by name. */
export type Objects = ReadonlyMap<string, { readonly bytes: number; readonly used: number }>;

/** Reads our table. @throws {@link NftError} */
export class Reader {
  readonly #nft: Nft;
  readonly #now: () => number;
  /** Since when nothing could be read, if so. */
  #blindSince: number | undefined;

  /** `now`: a clock in ms that nobody sets. */
  constructor(nft: Nft, now: () => number) {
    this.#nft = nft;
    this.#now = now;
  }

  /**
   * The whole table. One of which nft can list the counters alone, or in the end nothing, is one that turnpike did not
   * make.
   */
  async table(): Promise<Listing> {
    try {
      // Once more, for nft may have failed for want of memory, and everybody waits while a table is made anew.
      const found = await this.#list().catch((cause) =>
        isOfTable(cause) ? this.#list() : Promise.reject(cause),
      );
      this.#blindSince = undefined;
      return found;
    } catch (cause) {
      if (!isOfTable(cause)) throw cause;
      const [quotas, counters] = [await this.#alone('quotas'), await this.#alone('counters')];
      this.#blindSince = counters ? undefined : (this.#blindSince ?? this.#now());
      if (this.#blindSince !== undefined && this.#now() - this.#blindSince < blindMs) throw cause;
      const { quotas: used } = quotas ?? noListing();
      const { counters: counted } = counters ?? noListing();
      return { ...noListing(), quotas: used, counters: counted, shape: 'unreadable', odd: true };
    }
  }

  /**
   * Hands the table that was found and is to go to `replace`, as it is when nothing moves it any more. Where it does not
   * go, it moves again: who has paid goes on in it.
   */
  async last(
    found: Listing,
    premises: readonly Premises[],
    replace: (last: Listing) => Promise<void>,
  ): Promise<void> {
    if (found.shape === '') return replace(found);
    const still = () => this.#nft(['-f', '-'], scriptOf(stilled(premises)));
    // Once more, for what passes meanwhile would be billed to nobody. Others may have a table of the same name that takes
    // no chain of ours: it goes all the same.
    await still()
      .catch(still)
      .catch(() => {});
    try {
      await replace(await this.table());
    } catch (cause) {
      await this.#nft(['-f', '-'], scriptOf(moving())).catch(() => {});
      throw cause;
    }
  }

  /**
   * Quotas and counters by name, the quotas first: what passes in between then looks like less left, not more.
   * Each kind has a call of its own, for nft reads the objects of one call in the order in which they were made.
   * @throws {@link NftError} `refused` when one of them is not there
   */
  async objects(quotas: readonly string[], counters: readonly string[]): Promise<Objects> {
    const first = await this.#named('quota', quotas);
    return new Map([...first, ...(await this.#named('counter', counters))]);
  }

  /** A rule fills a flowtable: packets of offloaded flows pass no hook of ours. */
  async hasFlowtable(): Promise<boolean> {
    const listed = await this.#nft(['-j', 'list', 'flowtables']);
    return hasFlowtable(listed) && (await fillsFlowtable(this.#nft, listed));
  }

  async #named(kind: 'quota' | 'counter', names: readonly string[]): Promise<Objects> {
    if (names.length > mostObjects) return this.#among(kind, names);
    if (names.length === 0) return new Map();
    const lines = names.map((name) => `list ${kind} ${table} ${name}\n`);
    const script = lines.length > 1 ? [...lines, namesNone] : lines;
    return parseObjects(await this.#nft(['-f', '-'], script.join('')));
  }

  /** The same out of a list of all: each call reads the whole table anyway. */
  async #among(kind: 'quota' | 'counter', names: readonly string[]): Promise<Objects> {
    const { quotas, counters } = await this.#kind(`${kind}s`);
    const found = new Map<string, { bytes: number; used: number }>();
    for (const name of names) {
      const quota = quotas.get(name);
      const bytes = quota?.limit ?? counters.get(name);
      if (bytes === undefined) throw new NftError('refused', `${name}: not in the list of all`);
      found.set(name, { bytes, used: quota?.used ?? 0 });
    }
    return found;
  }

  /** Lists one kind of object of a table that cannot be listed whole: nft 1.0.6 may crash when a table has flags. */
  async #alone(kind: 'quotas' | 'counters'): Promise<Listing | undefined> {
    try {
      return await this.#kind(kind);
    } catch {
      return undefined;
    }
  }

  async #kind(kind: 'quotas' | 'counters'): Promise<Listing> {
    return parseListing(await this.#nft(['-j', 'list', kind, 'table', ...table.split(' ')]));
  }

  async #list(): Promise<Listing> {
    try {
      return await parseListing(await this.#nft(['-j', 'list', 'table', ...table.split(' ')]));
    } catch (cause) {
      if (cause instanceof NftError && /No such file/.test(cause.message)) return noListing();
      throw cause;
    }
  }
}

/** It may be the table that is at fault. */
function isOfTable(cause: unknown): boolean {
  return cause instanceof SyntaxError || (cause instanceof NftError && cause.code === 'refused');
}
