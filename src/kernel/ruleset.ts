import { isIPv6, SocketAddress } from 'node:net';
import type { Hold } from '../domain/hold.js';

/** Our table: nobody else writes into it, and a firewall's reload does not touch it. */
export const table = 'inet turnpike';

/** What our table holds of each session, as wanted or as listed. */
export interface Ruleset {
  /** Names. Each says the rate, for a limit cannot be changed: another rate is another limit. */
  readonly limits: ReadonlySet<string>;
  /** By name: the cap in bytes, and the bytes from which counting begins. */
  readonly quotas: ReadonlyMap<string, { readonly cap: number; readonly used: number }>;
  /** By name: bytes counted so far. */
  readonly counters: ReadonlyMap<string, number>;
  /**
   * By map, then by address: the object's name. In the sets of devices that are cut off, the name is empty.
   */
  readonly elements: ReadonlyMap<string, ReadonlyMap<string, string>>;
}

/** What has been counted. */
export type Counts = Pick<Ruleset, 'quotas' | 'counters'>;

/** Limits of a session, and the maps by which a packet finds them. */
export const paces = [
  { way: 'up', prefix: 'ru_', map: 'rateup' },
  { way: 'down', prefix: 'rd_', map: 'ratedown' },
] as const;
/** Quotas of a session, and the maps by which a packet finds them. */
export const caps = [
  { kind: 'total', prefix: 't_', map: 'total' },
  { kind: 'up', prefix: 'u_', map: 'up' },
  { kind: 'down', prefix: 'd_', map: 'down' },
] as const;
export const counterPrefix = 'c_';
export const families = ['4', '6'] as const;
/**
 * What a limit lets pass at once beside a full second of its rate, which the kernel always grants: its bucket holds
 * rate + burst (nft_limit.c, `tokens_max`), and nft knows no unit below a second. So in any T seconds there pass
 * rate × (T + 1) + burst and no more. TCP would need 100 to 250 ms of the rate and has them by that second; below
 * 120 kbit/s that would not hold the ten segments which a sender begins with (RFC 6928), below 12 kbit/s not even
 * one, and nothing would ever pass.
 */
export const burstBytes = 10 * 1500;
export const cutSet = 'cut';
export const countMap = 'passed';

/** Names are written into a script: nothing but what {@link Hold.id} is made of may be in them. */
const idForm = /^[a-z0-9]{1,64}$/;
const addressForm = /^[0-9A-Fa-f:.]{2,45}$/;
/** 100 Gbit/s. Much beyond it the kernel refuses a limit, and with it the whole script (nft_limit.c, -EOVERFLOW). */
const mostKbit = 100_000_000;

/** The ruleset for these holds. An address that two of them claim belongs to the first. */
export function rulesetOf(holds: Iterable<Hold>): Ruleset {
  const limits = new Set<string>();
  const quotas = new Map<string, { cap: number; used: number }>();
  const counters = new Map<string, number>();
  const elements = emptyElements();
  const taken = new Set<string>();
  for (const hold of holds) {
    if (!idForm.test(hold.id)) continue;
    const mine = hold.addresses.flatMap((a) => addressOf(a) ?? []).filter((a) => !taken.has(a));
    if (mine.length === 0) continue;
    for (const [, name] of limitsOf(hold)) limits.add(name);
    for (const { kind, prefix } of caps) {
      const cap = hold.caps[kind];
      if (cap !== undefined) quotas.set(prefix + hold.id, { cap, used: Math.min(cap, hold.used[kind]) });
    }
    counters.set(counterPrefix + hold.id, hold.used.total);
    for (const address of mine) {
      taken.add(address);
      place(elements, hold, address);
    }
  }
  return { limits, quotas, counters, elements };
}

function place(elements: Map<string, Map<string, string>>, hold: Hold, address: string): void {
  const family = isIPv6(address) ? '6' : '4';
  elements.get(countMap + family)!.set(address, counterPrefix + hold.id);
  if (hold.cut) elements.get(cutSet + family)!.set(address, '');
  for (const [map, name] of limitsOf(hold)) elements.get(map + family)!.set(address, name);
  for (const { kind, prefix, map } of caps) {
    if (hold.caps[kind] !== undefined) elements.get(map + family)!.set(address, prefix + hold.id);
  }
}

/** Map and name of each limit of a hold. Less than 1 kbit/s is no limit, as in the portal's command. */
function limitsOf({ id, rates }: Hold): (readonly [string, string])[] {
  return paces.flatMap(({ way, prefix, map }) => {
    const kbit = Math.min(mostKbit, Math.trunc(rates[way] ?? 0));
    return kbit >= 1 ? [[map, `${prefix}${id}_${kbit}`] as const] : [];
  });
}

/** The rate that the name of a limit says, in bytes a second. nft's kbytes are 1024 of them: 1 kbit/s is 125 bytes. */
export function rateIn(limit: string): number {
  return Number(limit.slice(limit.lastIndexOf('_') + 1)) * 125;
}

/** An address as nft prints it; undefined for text that is no address. */
export function addressOf(text: string): string | undefined {
  if (!addressForm.test(text)) return undefined;
  try {
    return new SocketAddress({ address: text, family: text.includes(':') ? 'ipv6' : 'ipv4' }).address;
  } catch {
    return undefined;
  }
}

/** A ruleset with nothing in it. */
export function emptyRuleset(): Ruleset {
  return {
    limits: new Set(),
    quotas: new Map(),
    counters: new Map(),
    elements: emptyElements(),
  };
}

function emptyElements(): Map<string, Map<string, string>> {
  const names = [cutSet, countMap, ...paces.map((p) => p.map), ...caps.map((c) => c.map)];
  return new Map(
    names.flatMap((name) => families.map((f) => [name + f, new Map<string, string>()] as const)),
  );
}
