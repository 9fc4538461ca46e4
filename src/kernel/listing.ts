import type { Held } from '../domain/hold.js';
import { caps, counterPrefix, emptyRuleset, type Ruleset } from './ruleset.js';
import { ruleCount } from './script.js';

/** Members of `nft -j` output that are looked at (libnftables-json(5)). */
interface Item {
  readonly limit?: { readonly name: string };
  readonly quota?: { readonly name: string; readonly bytes: number; readonly used: number };
  readonly counter?: { readonly name: string; readonly bytes: number };
  readonly map?: { readonly name: string; readonly elem?: readonly (readonly [string, string])[] };
  readonly set?: { readonly name: string; readonly elem?: readonly string[] };
  readonly rule?: object;
  readonly flowtable?: object;
}

function itemsOf(json: string): readonly Item[] {
  return (JSON.parse(json) as { nftables: Item[] }).nftables;
}

/**
 * Reads `nft -j list table`. A quota's `used` is never above its cap there. A limit's rate, printed in whatever unit
 * divides it, is not looked at: the name says it.
 */
export function parseListing(json: string): Ruleset {
  const limits = new Set<string>();
  const quotas = new Map<string, { cap: number; used: number }>();
  const counters = new Map<string, number>();
  const elements = new Map([...emptyRuleset().elements].map(([name, map]) => [name, new Map(map)]));
  let rules = 0;
  for (const { limit, quota, counter, map, set, rule } of itemsOf(json)) {
    if (rule) rules += 1;
    if (limit) limits.add(limit.name);
    if (quota) quotas.set(quota.name, { cap: quota.bytes, used: quota.used });
    if (counter) counters.set(counter.name, counter.bytes);
    for (const [address, name] of map?.elem ?? []) elements.get(map!.name)?.set(address, name);
    for (const address of set?.elem ?? []) elements.get(set!.name)?.set(address, '');
  }
  return { base: rules === ruleCount, limits, quotas, counters, elements };
}

/** What the kernel has counted for each session. */
export function heldIn({ counters, quotas }: Ruleset): Held[] {
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
