import { countedOf, type Pace } from '../domain/hold.js';
import type { Premises } from '../ports/premises.js';
import type { Marks } from './marks.js';
import { caps, counts, objectName, paces, rest, sets } from './names.js';
import type { Piece } from './piece.js';
import { inSlices } from './slices.js';

/** What our table holds beside its chains, as wanted or as listed. */
export interface Ruleset {
  /** Names. Each says the rate, for a limit cannot be changed: another rate is another limit. */
  readonly limits: ReadonlySet<string>;
  /** By name: the bytes at which it ends, and those from which it counts. */
  readonly quotas: ReadonlyMap<string, { readonly limit: number; readonly used: number }>;
  /** By name: bytes counted so far. */
  readonly counters: ReadonlyMap<string, number>;
  /** By map or set, then by key: the name of an object or chain, empty in a set. */
  readonly elements: ReadonlyMap<string, ReadonlyMap<string, string>>;
}

/**
 * What a limit lets pass at once beside a full second of its rate, which the kernel always grants: its bucket holds
 * rate + burst (nft_limit.c, `tokens_max`), and nft knows no unit below a second. So in any T seconds there pass
 * rate × (T + 1) + burst and no more. TCP would need 100 to 250 ms of the rate and has them by that second; below
 * 120 kbit/s that would not hold the ten segments which a sender begins with (RFC 6928), below 12 kbit/s not even
 * one, and nothing would ever pass.
 */
export const burstBytes = 10 * 1500;
/**
 * What comes in for a device that is away while its time stands still, in bytes, before nothing more does: so much is sent
 * again and again to one that has left. Who only listens would have the rest for nothing.
 */
export const restBytes = 131_072;
/** 100 Gbit/s. Much beyond it the kernel refuses a limit, and with it the whole script (nft_limit.c, -EOVERFLOW). */
const mostKbit = 100_000_000;

/** A ruleset under construction. */
interface Draft extends Ruleset {
  readonly limits: Set<string>;
  readonly quotas: Map<string, { limit: number; used: number }>;
  readonly counters: Map<string, number>;
  readonly elements: Map<string, Map<string, string>>;
}

/** The objects and elements of these sessions. A device that two of them claim belongs to the first. */
export function rulesetOf(pieces: Iterable<Piece>, marks: Marks): Ruleset {
  const draft = empty();
  for (const piece of pieces) place(draft, piece, marks);
  return draft;
}

/** The same of thousands. Others have their turn meanwhile. */
export async function rulesetOfAll(pieces: Iterable<Piece>, marks: Marks): Promise<Ruleset> {
  const draft = empty();
  await inSlices(pieces, (piece) => place(draft, piece, marks));
  return draft;
}

/** The same with the elements that are there for the portals. */
export function withPremises(ruleset: Ruleset, premises: Iterable<Premises>): Ruleset {
  const elements = new Map(ruleset.elements);
  for (const { interfaces, exclusive, trusted, denied = [], garden } of premises) {
    const put = (set: string, keys: readonly string[]) => {
      const more = keys.map((key) => [key, ''] as const);
      elements.set(set, new Map([...(elements.get(set) ?? []), ...more]));
    };
    put(exclusive ? sets.sale : sets.shared, interfaces);
    put(sets.trusted, trusted);
    put(sets.denied, denied);
    const addresses = garden?.addresses ?? [];
    put(
      sets.garden,
      addresses.filter((one) => !one.includes(':')),
    );
    put(
      sets.garden6,
      addresses.filter((one) => one.includes(':')),
    );
  }
  // An interface that portals share is gated by one rule: by two, each packet would be counted twice.
  const sold = elements.get(sets.sale);
  const shared = [...(elements.get(sets.shared) ?? [])].filter(([name]) => !sold?.has(name));
  if (elements.has(sets.shared)) elements.set(sets.shared, new Map(shared));
  return { ...ruleset, elements };
}

function place(draft: Draft, piece: Piece, marks: Marks): void {
  const { index, hold, quotas, from } = piece;
  const mark = String(marks.of(index));
  for (const { way, prefix, map } of counts) {
    const name = objectName(prefix, index, hold.id);
    draft.counters.set(name, from[way]);
    put(draft, map, mark, name);
  }
  for (const { kind, name, limit } of quotas) {
    draft.quotas.set(name, { limit, used: Math.min(limit, countedOf(from, kind)) });
    put(draft, caps.find((c) => c.kind === kind)!.map, mark, name);
  }
  put(draft, sets.known, hold.mac, '');
  const isTaken = draft.elements.get(marks.groups.at(-1)!.map)?.has(hold.mac);
  if (hold.live && !isTaken) open(draft, piece, mark, marks);
}

/** Lets a session's packets pass: those of its device up to its rates, and those of connections with its mark. */
function open(draft: Draft, { index, hold, rest: left }: Piece, mark: string, marks: Marks): void {
  put(draft, left ? sets.away : sets.live, mark, '');
  put(draft, left ? sets.awayOwn : sets.own, joined([mark, hold.mac]), '');
  put(draft, sets.paid, hold.mac, '');
  if (left) {
    draft.quotas.set(left, { limit: restBytes, used: 0 });
    put(draft, rest.map, mark, left);
  }
  for (const [map, chain] of marks.steps(index)) put(draft, map, hold.mac, chain);
  for (const { way, prefix, map } of paces) {
    const kbit = kbitOf(hold.pace, way);
    if (kbit === undefined) continue;
    const name = objectName(prefix, index, hold.id, kbit);
    draft.limits.add(name);
    put(draft, map, way === 'up' ? hold.mac : mark, name);
  }
}

/** A key of several parts, as nft takes it. */
export function joined(parts: readonly (string | number)[]): string {
  return parts.join(' . ');
}

/** Less than 1 kbit/s is no limit, as in the portal's command. */
function kbitOf(pace: Pace, way: 'up' | 'down'): number | undefined {
  const kbit = Math.min(mostKbit, Math.trunc(pace[way] ?? 0));
  return kbit >= 1 ? kbit : undefined;
}

/** The rate that the name of a limit says, in bytes a second. nft's kbytes are 1024 of them: 1 kbit/s is 125 bytes. */
export function rateIn(limit: string): number {
  return Number(limit.slice(limit.lastIndexOf('_') + 1)) * 125;
}

function put({ elements }: Draft, map: string, key: string, value: string): void {
  const found = elements.get(map);
  if (found) found.set(key, value);
  else elements.set(map, new Map([[key, value]]));
}

/** A ruleset with nothing in it. */
export function empty(): Draft {
  return { limits: new Set(), quotas: new Map(), counters: new Map(), elements: new Map() };
}
