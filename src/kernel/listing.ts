import type { Held } from '../domain/hold.js';
import {
  burstBytes,
  type Counts,
  caps,
  counterPrefix,
  emptyRuleset,
  type Ruleset,
  rateIn,
} from './ruleset.js';

/** Our table as it was found. */
export interface Listing extends Ruleset {
  /**
   * The table with its flags, chains, policies, rules, sets and maps, as nft prints them, with the kernel's
   * handles: an object that was made anew has another handle. Empty when there is no table.
   */
  readonly shape: string;
  /** An object or an element has a form that turnpike does not write. */
  readonly odd: boolean;
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
  readonly flowtable?: object;
}

interface Limit {
  readonly name: string;
  readonly rate: number;
  readonly rate_unit?: string;
  readonly per?: string;
  readonly burst?: number;
  readonly burst_unit?: string;
  readonly inv?: true;
}

/** nft prints a size in the largest unit that divides it. */
const units: Readonly<Record<string, number>> = { bytes: 1, kbytes: 1024, mbytes: 1024 * 1024 };

/** There is no table. */
export function noListing(): Listing {
  return { ...emptyRuleset(), shape: '', odd: false };
}

/** Reads `nft -j list table`. A quota's `used` is never above its cap there. */
export function parseListing(json: string): Listing {
  const limits = new Set<string>();
  const quotas = new Map<string, { cap: number; used: number }>();
  const counters = new Map<string, number>();
  const elements = new Map([...emptyRuleset().elements].map(([name, map]) => [name, new Map(map)]));
  const shape: string[] = [];
  let odd = false;
  for (const item of itemsOf(json)) {
    const { limit, quota, counter, map, set } = item;
    if (limit) limits.add(limit.name);
    else if (quota) quotas.set(quota.name, { cap: quota.bytes, used: quota.used });
    else if (counter) counters.set(counter.name, counter.bytes);
    else if (!item.metainfo) shape.push(withoutElements(item));
    odd ||= (limit !== undefined && !isAsNamed(limit)) || (quota !== undefined && !quota.inv);
    for (const element of [...(map?.elem ?? []), ...(set?.elem ?? [])]) {
      const plain = addressAndName(element);
      if (plain) elements.get((map ?? set)!.name)?.set(...plain);
      else odd = true;
    }
  }
  return { limits, quotas, counters, elements, shape: shape.join('\n'), odd };
}

function itemsOf(json: string): readonly Item[] {
  return (JSON.parse(json) as { nftables: Item[] }).nftables;
}

function withoutElements(item: Item): string {
  return JSON.stringify(item, (key, value) => (key === 'elem' ? undefined : value));
}

/** An element of a set is an address, one of a map an address and a name; with a comment or a time-out it is neither. */
function addressAndName(element: unknown): [address: string, name: string] | undefined {
  if (typeof element === 'string') return [element, ''];
  const [address, name] = Array.isArray(element) ? element : [];
  return typeof address === 'string' && typeof name === 'string' ? [address, name] : undefined;
}

/** It lets pass what its name says. */
function isAsNamed({ name, rate, rate_unit, per, burst = 0, burst_unit, inv }: Limit): boolean {
  const inBytes = (n: number, unit: string | undefined) => n * (units[unit ?? ''] ?? Number.NaN);
  const isPace = inv === true && per === 'second' && inBytes(rate, rate_unit) === rateIn(name);
  return isPace && inBytes(burst, burst_unit) === burstBytes;
}

/** What the kernel has counted for each session. */
export function heldIn({ counters, quotas }: Counts): Held[] {
  return [...counters].map(([name, bytes]) => {
    const id = name.slice(counterPrefix.length);
    const spent = caps.flatMap(({ kind, prefix }) => {
      const quota = quotas.get(prefix + id);
      return quota && quota.used >= quota.cap ? [[kind, quota.cap] as const] : [];
    });
    return { id, bytes, spent: Object.fromEntries(spent) };
  });
}

/** True when `nft -j list flowtables` lists one: then packets of offloaded flows pass no hook of ours. */
export function hasFlowtable(json: string): boolean {
  return itemsOf(json).some((item) => item.flowtable !== undefined);
}
