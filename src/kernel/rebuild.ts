import type { Premises } from '../ports/premises.js';
import { chain } from './front.js';
import type { Listing } from './listing.js';
import { table } from './names.js';
import { empty, type Ruleset } from './ruleset.js';
import { changes } from './script.js';

/**
 * The commands that make the table, whatever table there is. What it counts begins with the figures in `to`.
 *
 * It is one transaction, so the gate is never away. What would pass after the old counters were read is in neither table:
 * {@link stilled} comes first.
 */
export function anew(base: readonly string[], to: Ruleset): string[] {
  return [`add table ${table}`, `delete table ${table}`, ...base, ...changes(empty(), to)];
}

/**
 * How long a table stands still at the most, in s: longer than it takes to make the largest one on a slow router. Who has
 * paid is not shut out for good when the daemon is killed meanwhile and nobody starts it again.
 */
const mostStill = 30;
const still = 'still_on';

/**
 * The commands by which nothing more is forwarded where customers are, until the table is deleted: its counters stand
 * still. Who has paid waits for some milliseconds.
 */
export function stilled(premises: readonly Premises[]): string[] {
  const names = [...new Set(premises.flatMap(({ interfaces }) => interfaces))];
  const list = names.map((name) => `"${name}"`).join(', ');
  const elements = names.length > 0 ? `elements = { ${list} }; ` : '';
  return [
    `table ${table} {`,
    // The kernel takes its elements out by itself.
    `set ${still} { type ifname; flags timeout; timeout ${mostStill}s; ${elements}}`,
    ...chain('still', [
      // Before the chain that counts, which has 5.
      'type filter hook forward priority 4; policy accept;',
      `iifname @${still} drop`,
      `oifname @${still} drop`,
    ]),
    '}',
  ];
}

/** The commands that take {@link stilled} back. */
export function moving(): string[] {
  return [`flush chain ${table} still`, `delete chain ${table} still`, `delete set ${table} ${still}`];
}

/**
 * The commands that make the table out of the one that is there: its counters and quotas go on, so no byte that
 * passes meanwhile is lost. nft refuses them where others hold on to a part of it.
 *
 * A chain at a hook stays where it is and gets other rules. In the place of one that is deleted the kernel would put
 * the new one in front of the old one for a moment (net/netfilter/core.c, `nf_hook_entries_grow`): it would count
 * packets that the old one drops.
 */
export function rebuilt(found: Listing, base: readonly string[], to: Ruleset): string[] {
  const limits = [...found.limits].map((name) => `limit ${table} ${name}`);
  const hooked = new Set(hookedIn(base).map((name) => `chain ${table} ${name}`));
  const frame = found.frame.filter((part) => !hooked.has(part));
  const gone = [...frame, ...limits].map((part) => `delete ${part}`);
  const kept: Ruleset = { ...empty(), quotas: found.quotas, counters: found.counters };
  return [`flush table ${table}`, ...gone, ...base, ...changes(kept, to)];
}

/** Names of the chains at a hook in the text of a table: what is said of the hook follows on a chain's name. */
function hookedIn(base: readonly string[]): string[] {
  return base.flatMap((line, at) => {
    const [, name] = /^chain (\w+) \{$/.exec(line) ?? [];
    return name !== undefined && base[at + 1]?.startsWith('type ') ? [name] : [];
  });
}
