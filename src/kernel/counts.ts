import { type Counts, counterPrefix } from './ruleset.js';

/** Prefix of the quota for both directions. */
const totalPrefix = 't_';

/**
 * A ruleset whose quotas and counters go on from the highest figures in any of these: a program that sets
 * them back or makes them anew gives no traffic away.
 */
export function counted<T extends Counts>(wanted: T, seen: readonly Counts[]): T {
  const counters = [...wanted.counters].map(([name, bytes]): [string, number] => {
    const known = seen.flatMap((one) => one.counters.get(name) ?? []);
    return [name, known.length > 0 ? Math.max(...known) : bytes];
  });
  const passed = new Map(counters);
  const quotas = [...wanted.quotas].map(([name, { cap, used }]): [string, { cap: number; used: number }] => {
    const known = seen.map((one) => usedIn(one, name));
    return [name, { cap, used: Math.min(cap, Math.max(used, passedFor(name, passed), ...known)) }];
  });
  return { ...wanted, counters: passed, quotas: new Map(quotas) };
}

/**
 * A quota of both directions that is spent has also counted the packets that it dropped, so the counter has
 * the bytes that passed.
 */
function usedIn({ quotas }: Counts, name: string): number {
  const quota = quotas.get(name);
  if (!quota) return 0;
  return name.startsWith(totalPrefix) && quota.used >= quota.cap ? 0 : quota.used;
}

function passedFor(quota: string, passed: ReadonlyMap<string, number>): number {
  if (!quota.startsWith(totalPrefix)) return 0;
  return passed.get(counterPrefix + quota.slice(totalPrefix.length)) ?? 0;
}

/** A quota or counter is lower than before: another program has set it back. */
export function hasFallen(found: Counts, before: Counts): boolean {
  const isLess = [...before.quotas].some(([name, { used }]) => {
    const now = found.quotas.get(name);
    return now !== undefined && now.used < Math.min(used, now.cap);
  });
  return isLess || [...before.counters].some(([name, bytes]) => (found.counters.get(name) ?? bytes) < bytes);
}
