import { asking, awake, sealPrefix, table } from './names.js';
import { burstBytes, empty, joined, type Ruleset, rateIn } from './ruleset.js';
import { inSlices } from './slices.js';

/** Our table as it was found. */
export interface Listing extends Ruleset {
  /**
   * The table with its flags, chains, policies, rules, sets and maps, as nft prints them, with the kernel's
   * handles: an object that was made anew has another handle. Empty when there is no table.
   */
  readonly shape: string;
  /** The name of the set that says whose it is; it is in no shape. */
  readonly seal?: string;
  /** An object or an element has a form that turnpike does not write, or the table has flags. */
  readonly odd: boolean;
  /** Of the nft that has listed it. */
  readonly version?: string;
  /** What must be deleted before the table can be built again, in this order, as nft's commands name it. */
  readonly frame: readonly string[];
}

/** Members of `nft -j` output that are looked at (libnftables-json(5)). */
interface Item {
  readonly metainfo?: { readonly version?: string };
  readonly limit?: Limit;
  readonly quota?: {
    readonly name: string;
    readonly bytes: number;
    readonly used: number;
    readonly inv?: true;
  };
  readonly counter?: { readonly name: string; readonly bytes: number };
  readonly map?: { readonly name: string; readonly elem?: readonly unknown[] };
  readonly set?: { readonly name: string; readonly elem?: readonly unknown[] };
  readonly table?: { readonly flags?: unknown };
  readonly chain?: { readonly name: string };
  readonly flowtable?: object;
}

/** `burst` is in `burst_unit`, `rate` in `rate_unit` per `per`; `inv`: what is beyond the rate matches. */
interface Limit {
  readonly name: string;
  readonly rate: number;
  readonly rate_unit?: string;
  readonly per: string;
  readonly burst?: number;
  readonly burst_unit?: string;
  readonly inv?: boolean;
}

/** Bytes in a unit as nft prints them. */
const units: Readonly<Record<string, number>> = { bytes: 1, kbytes: 1024, mbytes: 1024 * 1024 };

/** A listing of no table. */
export function noListing(): Listing {
  return { ...empty(), shape: '', odd: false, frame: [] };
}

/**
 * Reads what `nft -j list` prints of our table. Others have their turn meanwhile: it takes long with thousands of sessions.
 * @throws SyntaxError for text that is no JSON
 */
export async function parseListing(json: string): Promise<Listing> {
  const found = new Found();
  await inSlices(itemsOf(json), (item) => found.take(item));
  return found.listing;
}

/** What was read of a table so far. */
class Found {
  readonly #ruleset = empty();
  readonly #shape: string[] = [];
  readonly #sets: string[] = [];
  readonly #chains: string[] = [];
  #isOdd = false;
  #seal: string | undefined;
  #version: string | undefined;

  get listing(): Listing {
    return {
      ...this.#ruleset,
      ...{ odd: this.#isOdd, shape: this.#shape.join('\n') },
      // A map's elements refer to chains.
      frame: [...this.#sets, ...this.#chains],
      ...(this.#seal !== undefined && { seal: this.#seal }),
      ...(this.#version !== undefined && { version: this.#version }),
    };
  }

  take(item: Item): void {
    const { limit, quota, counter, chain, metainfo } = item;
    const { limits, quotas, counters } = this.#ruleset;
    if (limit) limits.add(limit.name);
    else if (quota) quotas.set(quota.name, { limit: quota.bytes, used: quota.used });
    else if (counter) counters.set(counter.name, counter.bytes);
    else if (metainfo) this.#version = metainfo.version;
    else if (!this.#takeSeal(item)) this.#shape.push(withoutElements(item));
    this.#isOdd ||= (limit !== undefined && !isAsNamed(limit)) || (quota !== undefined && !quota.inv);
    this.#isOdd ||= item.table?.flags !== undefined;
    if (chain) this.#chains.push(`chain ${table} ${chain.name}`);
    const held = item.map ?? item.set;
    if (held) this.#sets.push(`${item.map ? 'map' : 'set'} ${table} ${held.name}`);
    if (held?.elem && held.name !== asking && held.name !== awake) this.#takeElements(held.name, held.elem);
  }

  /** @returns whether it is the set that says whose the table is */
  #takeSeal({ set }: Item): boolean {
    const isSeal = set?.name.startsWith(sealPrefix) === true && !set.elem;
    if (isSeal) this.#seal = set.name;
    return isSeal;
  }

  #takeElements(name: string, elements: readonly unknown[]): void {
    const known = new Map<string, string>();
    for (const element of elements) if (!note(known, element)) this.#isOdd = true;
    this.#ruleset.elements.set(name, known);
  }
}

/** Where an item ends and another begins: nothing within an item looks so, for in a text each quote has a backslash. */
const border = /, (?=\{"(?:counter|quota|limit|set|map|chain|rule)": \{"family": )/g;
/** Characters of items that are parsed at once, at the least. */
const enough = 65_536;

/**
 * The items, some at a time: of 10,000 sessions all of them at once would be 20 MB, which the collector would copy again
 * and again.
 */
function* itemsOf(json: string): Generator<Item> {
  let from = json.indexOf('[') + 1;
  const end = json.lastIndexOf(']');
  if (from === 0 || end < from) throw new SyntaxError('nft has printed no list, or one that does not end');
  while (from < end) {
    border.lastIndex = from + enough;
    const to = border.exec(json)?.index ?? end;
    yield* JSON.parse(`[${json.slice(from, to)}]`) as Item[];
    from = to + 1;
  }
}

function withoutElements(item: Item): string {
  return JSON.stringify(item, (key, value) => (key === 'elem' ? undefined : value));
}

/**
 * Takes in an element: of a set a key, of a map a key with a name or a verdict. @returns false when it is none of
 * these, as with a comment or a time-out
 */
function note(known: Map<string, string>, element: unknown): boolean {
  if (isKey(element)) known.set(String(element), '');
  else if (Array.isArray(element)) return notePair(known, element[0], element[1]);
  else {
    const { concat } = element as { concat?: unknown };
    if (!Array.isArray(concat) || !concat.every(isKey)) return false;
    known.set(joined(concat), '');
  }
  return true;
}

function notePair(known: Map<string, string>, key: unknown, value: unknown): boolean {
  const target = (value as { jump?: { target?: unknown } } | undefined)?.jump?.target;
  const name = target ?? value;
  if (!isKey(key) || typeof name !== 'string') return false;
  known.set(String(key), name);
  return true;
}

function isKey(value: unknown): value is string | number {
  return typeof value === 'string' || typeof value === 'number';
}

/** It lets pass what its name says. */
function isAsNamed({ name, rate, rate_unit, per, burst = 0, burst_unit, inv }: Limit): boolean {
  const inBytes = (n: number, unit: string | undefined) => n * (units[unit ?? ''] ?? Number.NaN);
  const isPace = inv === true && per === 'second' && inBytes(rate, rate_unit) === rateIn(name);
  return isPace && inBytes(burst, burst_unit) === burstBytes;
}

/** True when `nft -j list flowtables` lists one: then packets of offloaded flows pass no hook of ours. */
export function hasFlowtable(json: string): boolean {
  for (const { flowtable } of itemsOf(json)) if (flowtable !== undefined) return true;
  return false;
}

const objectText = /(counter|quota) (\S+) \{\s+([^}]*)\}/g;

/** Reads what `nft list counter` and `nft list quota` print of single objects: all numbers in their order, by name. */
export function parseObjects(text: string): Map<string, { bytes: number; used: number }> {
  const found = new Map<string, { bytes: number; used: number }>();
  for (const [, kind, name, inside] of text.matchAll(objectText)) {
    const amounts = [...inside!.matchAll(/(\d+) (bytes|kbytes|mbytes)\b/g)].map(
      ([, n, unit]) => Number(n) * units[unit!]!,
    );
    const [first = 0, second = 0] = amounts;
    const counted = Number(/bytes (\d+)/.exec(inside!)?.[1] ?? 0);
    found.set(name!, kind === 'counter' ? { bytes: counted, used: 0 } : { bytes: first, used: second });
  }
  return found;
}
