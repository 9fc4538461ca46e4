import type { Premises } from '../ports/premises.js';
import { hasFlowtable, type Listing, noListing, parseListing, parseObjects } from './listing.js';
import type { Marks } from './marks.js';
import { table } from './names.js';
import { isRefused, type Nft, NftError } from './nft.js';
import { fillsFlowtable } from './offload.js';
import { mostNamed, Questions } from './questions.js';
import { moving, stilled } from './rebuild.js';
import { scriptOf } from './script.js';

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
  readonly #questions: Questions;
  /** Since when nothing could be read, if so. */
  #blindSince: number | undefined;

  /** `now`: a clock in ms that nobody sets. */
  constructor(nft: Nft, marks: Marks, now: () => number) {
    this.#nft = nft;
    this.#now = now;
    this.#questions = new Questions(marks);
  }

  /** Arguments with which nft lists all counters. */
  get forCounters(): readonly string[] {
    return this.#questions.counters;
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
      this.#questions.note(found);
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
   * Each kind has calls of its own, for nft reads the objects of one call in the order in which they were made.
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
    if (names.length > mostNamed) return this.#among(kind, names);
    const found: [string, { bytes: number; used: number }][] = [];
    for (const script of this.#questions.named(kind, names))
      found.push(...parseObjects(await this.#nft(['-f', '-'], script)));
    return new Map(found);
  }

  /** The same out of a list of all. */
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
      // Words of nft alone: a library or a program that is not there is told of in the same ones.
      if (isRefused(cause) && /Error: .*No such file/.test(cause.message)) return noListing();
      throw cause;
    }
  }
}

/** It may be the table that is at fault. */
function isOfTable(cause: unknown): boolean {
  return cause instanceof SyntaxError || isRefused(cause);
}
