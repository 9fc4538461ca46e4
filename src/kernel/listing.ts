import { asking, sealPrefix, table } from './names.js';
import { burstBytes, empty, joined, type Ruleset, rateIn } from './ruleset.js';

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
  /** What must be deleted before the table can be built again, in this order, as nft's commands name it. */
  readonly frame: readonly string[];
}

/** Members of `nft -j` output that are looked at (libnftables-json(5)). */
interface Item {
  readonly metainfo?: object;
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
 * Reads what `nft -j list` prints of our table.
 * @throws SyntaxError for text that is no JSON
 */
export function parseListing(json: string): Listing {
  const { limits, quotas, counters, elements } = empty();
  const shape: string[] = [];
  const frame: { sets: string[]; chains: string[] } = { sets: [], chains: [] };
  let odd = false;
  let seal: string | undefined;
  for (const item of itemsOf(json)) {
    const { limit, quota, counter } = item;
    const held = item.map ?? item.set;
    const isSeal = item.set?.name.startsWith(sealPrefix) && !item.set.elem;
    if (isSeal) seal = item.set!.name;
    else if (limit) limits.add(limit.name);
    else if (quota) quotas.set(quota.name, { limit: quota.bytes, used: quota.used });
    else if (counter) counters.set(counter.name, counter.bytes);
    else if (!item.metainfo) shape.push(withoutElements(item));
    odd ||= (limit !== undefined && !isAsNamed(limit)) || (quota !== undefined && !quota.inv);
    odd ||= item.table?.flags !== undefined;
    if (item.chain) frame.chains.push(`chain ${table} ${item.chain.name}`);
    if (held) frame.sets.push(`${item.map ? 'map' : 'set'} ${table} ${held.name}`);
    if (!held?.elem || held.name === asking) continue;
    const known = new Map<string, string>();
    for (const element of held.elem) {
      const found = keyAndName(element);
      if (found) known.set(...found);
      else odd = true;
    }
    elements.set(held.name, known);
  }
  // A map's elements refer to chains.
  const { sets, chains } = frame;
  return {
    ...{ limits, quotas, counters, elements, odd },
    ...{ shape: shape.join('\n'), frame: [...sets, ...chains] },
    ...(seal !== undefined && { seal }),
  };
}

const [opening, closing, end, quote, backslash] = ['{', '}', ']', '"', '\\'].map((one) => one.charCodeAt(0));

/**
 * The items one by one: of 10,000 sessions all of them at once would be 20 MB, which the collector would copy again and
 * again.
 */
function* itemsOf(json: string): Generator<Item> {
  const list = json.indexOf('[');
  if (list < 0) throw new SyntaxError('nft has printed no list');
  let [depth, from, isText] = [0, 0, false];
  for (let at = list; at < json.length; at++) {
    const code = json.charCodeAt(at);
    if (code === quote) isText = !isText;
    else if (isText) at += code === backslash ? 1 : 0;
    else if (code === opening && depth++ === 0) from = at;
    else if (code === end && depth === 0) return;
    else if (code === closing && depth > 0 && --depth === 0)
      yield JSON.parse(json.slice(from, at + 1)) as Item;
  }
  throw new SyntaxError('nft has printed a list that does not end');
}

function withoutElements(item: Item): string {
  return JSON.stringify(item, (key, value) => (key === 'elem' ? undefined : value));
}

/**
 * An element of a set is a key, one of a map a key with a name or a verdict; with a comment or a time-out it is
 * none of these.
 */
function keyAndName(element: unknown): [key: string, name: string] | undefined {
  if (isKey(element)) return [String(element), ''];
  const { concat } = element as { concat?: unknown };
  if (Array.isArray(concat) && concat.every(isKey)) return [joined(concat), ''];
  if (!Array.isArray(element) || !isKey(element[0])) return undefined;
  const [key, value] = element as [string | number, unknown];
  const target = (value as { jump?: { target?: unknown } } | undefined)?.jump?.target;
  const name = target ?? value;
  return typeof name === 'string' ? [String(key), name] : undefined;
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
