import type { Listing } from './listing.js';
import { table } from './names.js';
import { empty, type Ruleset } from './ruleset.js';
import { changes } from './script.js';

/** The commands that make the table, whatever table there is. What it counts begins with the figures in `to`. */
export function anew(base: readonly string[], to: Ruleset): string[] {
  return [`add table ${table}`, `delete table ${table}`, ...base, ...changes(empty(), to)];
}

/**
 * The commands that make the table out of the one that is there: its counters and quotas go on, so no byte that
 * passes meanwhile is lost. nft refuses them where others hold on to a part of it.
 */
export function rebuilt(found: Listing, base: readonly string[], to: Ruleset): string[] {
  const limits = [...found.limits].map((name) => `limit ${table} ${name}`);
  const gone = [...found.frame, ...limits].map((part) => `delete ${part}`);
  const kept: Ruleset = { ...empty(), quotas: found.quotas, counters: found.counters };
  return [`flush table ${table}`, ...gone, ...base, ...changes(kept, to)];
}
