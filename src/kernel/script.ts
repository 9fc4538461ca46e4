import {
  burstBytes,
  caps,
  countMap,
  cutSet,
  emptyRuleset,
  families,
  paces,
  type Ruleset,
  rateIn,
  table,
} from './ruleset.js';

/** What nft calls a family's packets. */
const packet = { 4: 'ip', 6: 'ip6' } as const;

/**
 * The nft script that turns one ruleset into another, as one transaction; empty when there is nothing to do.
 * A quota that is there keeps what it has counted: only its cap moves (nft_quota.c, since Linux 5.4).
 */
export function scriptFor(from: Ruleset, to: Ruleset): string {
  return changes(from, to)
    .map((line) => `${line}\n`)
    .join('');
}

/** The nft script that makes the table anew, whatever table there is, as one transaction. */
export function makingOf(to: Ruleset): string {
  return `${[baseTable(), ...changes(emptyRuleset(), to)].join('\n')}\n`;
}

function changes(from: Ruleset, to: Ruleset): string[] {
  return [
    ...additions(from, to),
    ...[...to.elements].flatMap(([map, wanted]) => moves(map, from.elements.get(map), wanted)),
    // The kernel does not delete an object while an element refers to it.
    ...removals(from, to),
  ];
}

function additions(from: Ruleset, to: Ruleset): string[] {
  const lines: string[] = [];
  for (const name of to.limits) {
    if (from.limits.has(name)) continue;
    const rate = `rate over ${rateIn(name)} bytes/second burst ${burstBytes} bytes`;
    lines.push(`add limit ${table} ${name} { ${rate}; }`);
  }
  for (const [name, { cap, used }] of to.quotas) {
    const before = from.quotas.get(name);
    if (!before) lines.push(`add quota ${table} ${name} { over ${cap} bytes used ${used} bytes; }`);
    else if (before.cap !== cap) lines.push(`add quota ${table} ${name} { over ${cap} bytes; }`);
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

function moves(
  map: string,
  before: ReadonlyMap<string, string> | undefined,
  wanted: ReadonlyMap<string, string>,
): string[] {
  const gone = [...(before ?? [])].filter(([address, name]) => wanted.get(address) !== name);
  const come = [...wanted].filter(([address, name]) => before?.get(address) !== name);
  const lines: string[] = [];
  if (gone.length > 0) lines.push(`delete element ${table} ${map} { ${gone.map(([a]) => a).join(', ')} }`);
  if (come.length > 0) {
    const texts = come.map(([address, name]) => (name === '' ? address : `${address} : "${name}"`));
    lines.push(`add element ${table} ${map} { ${texts.join(', ')} }`);
  }
  return lines;
}

/** The table with its chains, emptied of objects from other versions. */
function baseTable(): string {
  const maps = families.flatMap((family) => {
    const type = family === '4' ? 'ipv4_addr' : 'ipv6_addr';
    return [
      `set ${cutSet}${family} { type ${type}; }`,
      ...paces.map(({ map }) => `map ${map}${family} { type ${type} : limit; }`),
      ...caps.map(({ map }) => `map ${map}${family} { type ${type} : quota; }`),
      `map ${countMap}${family} { type ${type} : counter; }`,
    ];
  });
  return [
    `add table ${table}`,
    `delete table ${table}`,
    `table ${table} {`,
    ...maps,
    // Portals count upload in mangle (-150) and later, before they know whether the packet passes. Packets
    // beyond the rate must be dropped before that, or they would be billed. So packets to the router itself
    // are limited too.
    ...chain('police', 'prerouting priority -155', policeRules()),
    ...chain('hold', 'forward priority 5', holdRules()),
    '}',
  ].join('\n');
}

function chain(name: string, hook: string, rules: readonly string[]): string[] {
  return [`chain ${name} {`, `type filter hook ${hook}; policy accept;`, ...rules, '}'];
}

function policeRules(): string[] {
  return families.map((family) => `limit name ${packet[family]} saddr map @rateup${family} drop`);
}

// A quota also counts the packets that it drops. So the limits stand before the quotas, and the counters,
// which must see only packets that passed, stand behind all drops.
function holdRules(): string[] {
  return families.flatMap((family) => {
    const ip = packet[family];
    return [
      `${ip} saddr @${cutSet}${family} drop`,
      `${ip} daddr @${cutSet}${family} drop`,
      `limit name ${ip} daddr map @ratedown${family} drop`,
      `quota name ${ip} saddr map @total${family} drop`,
      `quota name ${ip} daddr map @total${family} drop`,
      `quota name ${ip} saddr map @up${family} drop`,
      `quota name ${ip} daddr map @down${family} drop`,
      `counter name ${ip} saddr map @${countMap}${family}`,
      `counter name ${ip} daddr map @${countMap}${family}`,
    ];
  });
}
