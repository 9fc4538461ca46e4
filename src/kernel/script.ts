import { passing, sets, table } from './names.js';
import { burstBytes, type Ruleset, rateIn } from './ruleset.js';
import { inSlices } from './slices.js';

/**
 * The nft commands that turn one ruleset into another; none when there is nothing to do. A quota that is there
 * keeps what it has counted: only its limit moves (nft_quota.c, since Linux 5.4).
 */
export function changes(from: Ruleset, to: Ruleset): string[] {
  return [...steps(from, to)].flat();
}

/** The same of whole tables. Others have their turn meanwhile. */
export async function allChanges(from: Ruleset, to: Ruleset): Promise<string[]> {
  const lines: (readonly string[])[] = [];
  await inSlices(steps(from, to), (some) => lines.push(some));
  return lines.flat();
}

function* steps(from: Ruleset, to: Ruleset): Generator<readonly string[]> {
  yield newLimits(from, to);
  yield newQuotas(from, to);
  yield newCounters(from, to);
  const maps = new Set([...from.elements.keys(), ...to.elements.keys()]);
  for (const map of maps) yield moves(map, from.elements.get(map), to.elements.get(map));
  // The kernel does not delete an object while an element refers to it.
  for (const kind of ['limit', 'quota', 'counter'] as const) yield removals(kind, from, to);
}

/** Commands as one script, which nft carries out as one transaction. */
export function scriptOf(commands: readonly string[]): string {
  return commands.map((command) => `${command}\n`).join('');
}

function newLimits(from: Ruleset, to: Ruleset): string[] {
  const lines: string[] = [];
  for (const name of to.limits) {
    if (from.limits.has(name)) continue;
    const rate = `rate over ${rateIn(name)} bytes/second burst ${burstBytes} bytes`;
    lines.push(`add limit ${table} ${name} { ${rate}; }`);
  }
  return lines;
}

function newQuotas(from: Ruleset, to: Ruleset): string[] {
  const lines: string[] = [];
  to.quotas.forEach(({ limit, used }, name) => {
    // One that is there keeps what it has counted; one that somebody has deleted is made with what is known.
    if (from.quotas.get(name)?.limit === limit) return;
    lines.push(`add quota ${table} ${name} { over ${limit} bytes used ${used} bytes; }`);
  });
  return lines;
}

function newCounters(from: Ruleset, to: Ruleset): string[] {
  const lines: string[] = [];
  to.counters.forEach((bytes, name) => {
    if (!from.counters.has(name)) lines.push(`add counter ${table} ${name} { packets 0 bytes ${bytes}; }`);
  });
  return lines;
}

function removals(kind: 'limit' | 'quota' | 'counter', from: Ruleset, to: Ruleset): string[] {
  const wanted = to[`${kind}s`];
  const lines: string[] = [];
  from[`${kind}s`].forEach((_: unknown, name: string) => {
    if (!wanted.has(name)) lines.push(`delete ${kind} ${table} ${name}`);
  });
  return lines;
}

/**
 * Takes elements out. Those by which somebody passes may be gone by then, and the kernel refuses to take out what is not
 * there: they are added first, for it adds nothing to a set twice.
 */
export function removal(map: string, keys: string): string[] {
  const elements = `element ${table} ${map} { ${keys} }`;
  return passing.includes(map) ? [`add ${elements}`, `delete ${elements}`] : [`delete ${elements}`];
}

const none: ReadonlyMap<string, string> = new Map();

function moves(map: string, before = none, wanted = none): string[] {
  const [gone, come] = [apart(before, wanted), apart(wanted, before)];
  const lines: string[] = [];
  const isOfInterfaces = map === sets.sale || map === sets.shared;
  const list = (texts: readonly string[]) =>
    texts.map((text) => (isOfInterfaces ? `"${text}"` : text)).join(', ');
  if (gone.length > 0) lines.push(...removal(map, list(gone.map(([key]) => key))));
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
