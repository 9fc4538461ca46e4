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
  to.quotas.forEach(({ limit, used }, name) => {
    // One that is there keeps what it has counted; one that somebody has deleted is made with what is known.
    if (from.quotas.get(name)?.limit === limit) return;
    lines.push(`add quota ${table} ${name} { over ${limit} bytes used ${used} bytes; }`);
  });
  to.counters.forEach((bytes, name) => {
    if (!from.counters.has(name)) lines.push(`add counter ${table} ${name} { packets 0 bytes ${bytes}; }`);
  });
  return lines;
}

function removals(from: Ruleset, to: Ruleset): string[] {
  return (['limit', 'quota', 'counter'] as const).flatMap((kind) => {
    const wanted = to[`${kind}s`];
    const lines: string[] = [];
    from[`${kind}s`].forEach((_: unknown, name: string) => {
      if (!wanted.has(name)) lines.push(`delete ${kind} ${table} ${name}`);
    });
    return lines;
  });
}

const none: ReadonlyMap<string, string> = new Map();

function moves(map: string, before = none, wanted = none): string[] {
  const [gone, come] = [apart(before, wanted), apart(wanted, before)];
  const lines: string[] = [];
  const isOfInterfaces = map === sets.sale || map === sets.shared;
  const list = (texts: readonly string[]) =>
    texts.map((text) => (isOfInterfaces ? `"${text}"` : text)).join(', ');
  if (gone.length > 0) lines.push(`delete element ${table} ${map} { ${list(gone.map(([key]) => key))} }`);
  if (come.length > 0) lines.push(`add element ${table} ${map} { ${list(come.map(elementText))} }`);
  return lines;
}

/** What the first has otherwise than the second, or alone. Nearly all of it is the same, and makes no garbage here. */
function apart(one: ReadonlyMap<string, string>, other: ReadonlyMap<string, string>): [string, string][] {
  const found: [string, string][] = [];
  one.forEach((name, key) => {
    if (other.get(key) !== name) found.push([key, name]);
  });
  return found;
}

function elementText([key, name]: readonly [string, string]): string {
  if (name === '') return key;
  return `${key} : ${isChain(name) ? `jump ${name}` : `"${name}"`}`;
}

/** Chains to jump to are named as `Marks` does; objects have more in their names. */
function isChain(name: string): boolean {
  return /^w\d+_\d+$/.test(name);
}
