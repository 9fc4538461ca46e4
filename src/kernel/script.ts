import { sets, table } from './names.js';
import { burstBytes, type Ruleset, rateIn } from './ruleset.js';

/**
 * The nft commands that turn one ruleset into another; none when there is nothing to do. A quota that is there
 * keeps what it has counted: only its limit moves (nft_quota.c, since Linux 5.4).
 */
export function changes(from: Ruleset, to: Ruleset): string[] {
  const maps = new Set([...from.elements.keys(), ...to.elements.keys()]);
  return [
    ...additions(from, to),
    ...[...maps].flatMap((map) => moves(map, from.elements.get(map), to.elements.get(map))),
    // The kernel does not delete an object while an element refers to it.
    ...removals(from, to),
  ];
}

/** Commands as one script, which nft carries out as one transaction. */
export function scriptOf(commands: readonly string[]): string {
  return commands.map((command) => `${command}\n`).join('');
}

function additions(from: Ruleset, to: Ruleset): string[] {
  const lines: string[] = [];
  for (const name of to.limits) {
    if (from.limits.has(name)) continue;
    const rate = `rate over ${rateIn(name)} bytes/second burst ${burstBytes} bytes`;
    lines.push(`add limit ${table} ${name} { ${rate}; }`);
  }
  for (const [name, { limit, used }] of to.quotas) {
    // One that is there keeps what it has counted; one that somebody has deleted is made with what is known.
    if (from.quotas.get(name)?.limit === limit) continue;
    lines.push(`add quota ${table} ${name} { over ${limit} bytes used ${used} bytes; }`);
  }
  for (const [name, bytes] of to.counters) {
    if (!from.counters.has(name)) lines.push(`add counter ${table} ${name} { packets 0 bytes ${bytes}; }`);
  }
  return lines;
}

function removals(from: Ruleset, to: Ruleset): string[] {
  return (['limit', 'quota', 'counter'] as const).flatMap((kind) => {
    const wanted = to[`${kind}s`];
    const gone = [...from[`${kind}s`].keys()].filter((name) => !wanted.has(name));
    return gone.map((name) => `delete ${kind} ${table} ${name}`);
  });
}

const none: ReadonlyMap<string, string> = new Map();

function moves(map: string, before = none, wanted = none): string[] {
  const gone = [...before].filter(([key, name]) => wanted.get(key) !== name);
  const come = [...wanted].filter(([key, name]) => before.get(key) !== name);
  const lines: string[] = [];
  const isOfInterfaces = map === sets.sale || map === sets.shared;
  const list = (texts: readonly string[]) =>
    texts.map((text) => (isOfInterfaces ? `"${text}"` : text)).join(', ');
  if (gone.length > 0) lines.push(`delete element ${table} ${map} { ${list(gone.map(([key]) => key))} }`);
  if (come.length > 0) lines.push(`add element ${table} ${map} { ${list(come.map(elementText))} }`);
  return lines;
}

function elementText([key, name]: readonly [string, string]): string {
  if (name === '') return key;
  return `${key} : ${isChain(name) ? `jump ${name}` : `"${name}"`}`;
}

/** Chains to jump to are named as `Marks` does; objects have more in their names. */
function isChain(name: string): boolean {
  return /^w\d+_\d+$/.test(name);
}
