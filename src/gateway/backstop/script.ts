import { caps, countMap, cutSet, emptyRuleset, families, type Ruleset, table } from './ruleset.js';

/**
 * The nft script that turns one ruleset into another, as one transaction; empty when there is nothing to do.
 * A quota that is there keeps what it has counted: only its cap moves (nft_quota.c, since Linux 5.4).
 */
export function scriptFor(found: Ruleset, to: Ruleset): string {
  const lines: string[] = [];
  // Without its chain the table is made anew, whatever else is in it.
  const from = found.base ? found : emptyRuleset();
  if (!found.base) lines.push(baseTable());
  for (const [name, { cap, used }] of to.quotas) {
    const before = from.quotas.get(name);
    if (!before) lines.push(`add quota ${table} ${name} { over ${cap} bytes used ${used} bytes; }`);
    else if (before.cap !== cap) lines.push(`add quota ${table} ${name} { over ${cap} bytes; }`);
  }
  for (const [name, bytes] of to.counters) {
    if (!from.counters.has(name)) lines.push(`add counter ${table} ${name} { packets 0 bytes ${bytes}; }`);
  }
  for (const [map, wanted] of to.elements) lines.push(...moves(map, from.elements.get(map), wanted));
  for (const name of from.quotas.keys()) {
    if (!to.quotas.has(name)) lines.push(`delete quota ${table} ${name}`);
  }
  for (const name of from.counters.keys()) {
    if (!to.counters.has(name)) lines.push(`delete counter ${table} ${name}`);
  }
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
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

/** The table with its chain, emptied of whatever another version left in it. */
function baseTable(): string {
  const maps = families.flatMap((family) => {
    const type = family === '4' ? 'ipv4_addr' : 'ipv6_addr';
    return [
      `set ${cutSet}${family} { type ${type}; }`,
      ...caps.map(({ map }) => `map ${map}${family} { type ${type} : quota; }`),
      `map ${countMap}${family} { type ${type} : counter; }`,
    ];
  });
  const rules = rulesOf();
  return [
    `add table ${table}`,
    `delete table ${table}`,
    `table ${table} {`,
    ...maps,
    'chain hold {',
    'type filter hook forward priority 5; policy accept;',
    ...rules,
    '}',
    '}',
  ].join('\n');
}

// Dropped packets count in a quota too, so the counters stand behind the drops.
function rulesOf(): string[] {
  return families.flatMap((family) => {
    const ip = family === '4' ? 'ip' : 'ip6';
    return [
      `${ip} saddr @${cutSet}${family} drop`,
      `${ip} daddr @${cutSet}${family} drop`,
      `quota name ${ip} saddr map @total${family} drop`,
      `quota name ${ip} daddr map @total${family} drop`,
      `quota name ${ip} saddr map @up${family} drop`,
      `quota name ${ip} daddr map @down${family} drop`,
      `counter name ${ip} saddr map @${countMap}${family}`,
      `counter name ${ip} daddr map @${countMap}${family}`,
    ];
  });
}

/** Rules of our chain; with fewer or more, somebody has been at it. */
export const ruleCount = rulesOf().length;
