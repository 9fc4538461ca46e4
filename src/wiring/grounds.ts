import { isIP, isIPv6 } from 'node:net';
import type { Nft } from '../kernel/nft.js';
import type { Clock } from '../ports/clock.js';
import type { Log } from '../ports/log.js';
import type { GardenPlace, Premises } from '../ports/premises.js';
import type { Members } from './members.js';
import { type PlacedPremises, premisesOf } from './premises.js';

/** How often the addresses of open names are looked for, in ms. dnsmasq adds one when a customer looks a name up. */
const gardenMs = 2_000;
/** Most addresses that are taken over: each is an element of a set in the kernel. */
const mostAddresses = 4_096;

/**
 * How long an address stays open that has left dnsmasq's sets, in ms. It leaves a day after it came, in use or not: dnsmasq
 * changes nothing about one that is there, and puts it back when it asks for the name the next time, for which it waits as
 * long as the name's owner says: an hour at the most, but for names that hardly ever move.
 */
const lingerMs = 3_600_000;

export interface GroundsParts {
  readonly portals: Members['portals'];
  /** Reads the portals' sets; undefined where nothing stands in the kernel. */
  readonly nft: Nft | undefined;
  readonly clock: Clock;
  readonly log: Log;
  /** The premises have changed. */
  readonly changed: () => void;
}

/** Keeps up what the portals' own configurations let pass, and the addresses that open names have now. */
export class Grounds {
  readonly #parts: GroundsParts;
  #placed: readonly PlacedPremises[] = [];
  #said = new Set<string>();
  /** What was found in a set, by its place; kept while the portal is away. */
  readonly #found = new Map<string, readonly string[]>();
  /** Until when an address stays open that has left its set, by the set's place and the address. */
  readonly #left = new Map<string, Map<string, number>>();
  #cancel: (() => void) | undefined;
  /** A look has found something before {@link start}: whoever did not wait for it has what was there before. */
  #isUntold = false;
  #looking: Promise<void> = Promise.resolve();

  constructor(parts: GroundsParts) {
    this.#parts = parts;
  }

  /** As the kernel wants them. */
  get premises(): Premises[] {
    return this.#placed.map(({ garden, ...rest }) => {
      if (!garden) return rest;
      return { ...rest, garden: { ports: garden.ports, addresses: this.#openAt(keyOf(garden)) } };
    });
  }

  /** Reads the portals' configurations. What is wrong there is said once, until it is mended. */
  apply(config: Parameters<typeof premisesOf>[0]): void {
    const { premises, faults } = premisesOf(config, this.#parts.portals);
    for (const fault of faults) if (!this.#said.has(fault)) this.#parts.log('warn', fault);
    this.#said = new Set(faults);
    this.#placed = premises;
  }

  /** Looks for the addresses of open names once. Never rejects. */
  look(): Promise<void> {
    return this.#parts.nft ? this.#lookAtAll() : Promise.resolve();
  }

  /** Begins to look for them again and again, and to tell of changes, those so far among them. */
  start(): void {
    this.#plan();
    if (this.#isUntold) this.#tell();
  }

  /** Resolves when no look is under way, and none comes. */
  async stop(): Promise<void> {
    this.#cancel?.();
    this.#cancel = undefined;
    await this.#looking;
  }

  #openAt(key: string): readonly string[] {
    const found = this.#found.get(key) ?? [];
    const left = [...(this.#left.get(key)?.keys() ?? [])];
    return left.length === 0 ? found : [...found, ...left].sort().slice(0, mostAddresses);
  }

  /** Takes in what is in a set that dnsmasq fills: what was there before and is not now stays open for a while. */
  #linger(key: string, found: readonly string[]): void {
    const now = this.#parts.clock.mono();
    const left = this.#left.get(key) ?? new Map<string, number>();
    this.#left.set(key, left);
    const there = new Set(found);
    for (const one of this.#found.get(key) ?? []) if (!there.has(one)) left.set(one, now + lingerMs);
    for (const [one, until] of left) if (there.has(one) || until <= now) left.delete(one);
  }

  #plan(): void {
    if (!this.#parts.nft) return;
    this.#cancel = this.#parts.clock.after(gardenMs, () => {
      this.#looking = this.#lookAtAll().finally(() => {
        if (this.#cancel) this.#plan();
      });
    });
  }

  async #lookAtAll(): Promise<void> {
    const before = JSON.stringify(this.premises);
    for (const { garden } of this.#placed) {
      if (!garden) continue;
      const found = await addressesIn(garden, this.#parts.nft!, this.#found.get(keyOf(garden)) ?? []);
      if (!found) continue;
      if (garden.make !== undefined) this.#linger(keyOf(garden), found);
      this.#found.set(keyOf(garden), found);
    }
    if (JSON.stringify(this.premises) !== before) this.#tell();
  }

  #tell(): void {
    this.#isUntold = this.#cancel === undefined;
    if (!this.#isUntold) this.#parts.changed();
  }
}

function keyOf({ tables, set }: GardenPlace): string {
  return `${tables.join()} ${set}`;
}

/** The addresses in a portal's sets, sorted; undefined while it has none of its tables. `known`: those of the last look. */
async function addressesIn(
  place: GardenPlace,
  nft: Nft,
  known: readonly string[],
): Promise<string[] | undefined> {
  const sets = [place.set, ...(place.set6 === undefined ? [] : [place.set6])];
  for (const table of place.tables) {
    try {
      const found: string[] = [];
      for (const set of sets)
        found.push(...addressesOf(await nft(['-j', 'list', 'set', ...table.split(' '), set])));
      return found;
    } catch {
      // Another version of the portal has another table.
    }
  }
  if (place.make !== undefined) await makeSets(place, nft, known);
  return undefined;
}

/** Makes sets that somebody else fills, with what was in them. What fails is tried again with the next look. */
async function makeSets(
  { make = '', tables, set, set6 = set }: GardenPlace,
  nft: Nft,
  known: readonly string[],
) {
  const added = known.map((one) => `add element ${tables[0]} ${isIPv6(one) ? set6 : set} { ${one} }\n`);
  await nft(['-f', '-'], `${make}${added.join('')}`).catch(() => {});
}

/** The single addresses in what `nft -j list set` prints. @throws SyntaxError for text that is no JSON */
export function addressesOf(json: string): string[] {
  const { nftables } = JSON.parse(json) as { nftables: readonly { set?: { elem?: readonly unknown[] } }[] };
  const elements = nftables.flatMap(({ set }) => set?.elem ?? []);
  const plain = elements.map((one) => (one as { elem?: { val?: unknown } }).elem?.val ?? one);
  const addresses = plain.filter((one): one is string => typeof one === 'string' && isIP(one) !== 0);
  return [...new Set(addresses)].sort().slice(0, mostAddresses);
}
