import { countedOf } from '../domain/hold.js';
import { caps, counts, objectName, type Quota, quotaIn, rest } from './names.js';
import { largestPacket, type Piece, renewed } from './piece.js';
import type { Ruleset } from './ruleset.js';
import { inSlices } from './slices.js';

/** A quota of a table, with what its name says. */
interface Found {
  readonly name: string;
  readonly serial: number;
  readonly limit: number;
  readonly used: number;
}

/**
 * These pieces with the quotas that a table has of their sessions, which go on; undefined when a counter says less
 * than what is billed of its session, for counters cannot be set.
 */
export async function adopted(pieces: readonly Piece[], found: Ruleset): Promise<Piece[] | undefined> {
  const quotas = await byPlace(found);
  const all: Piece[] = [];
  let areBehind = false;
  await inSlices(pieces, (piece) => {
    all.push(adopt(piece, quotas));
    areBehind ||= isBehind(piece, found);
  });
  return areBehind ? undefined : all;
}

function isBehind({ index, hold, from }: Piece, { counters }: Ruleset): boolean {
  return counts.some(({ way, prefix }) => {
    const counted = counters.get(objectName(prefix, index, hold.id));
    return counted !== undefined && counted < from[way];
  });
}

async function byPlace({ quotas }: Ruleset): Promise<ReadonlyMap<string, readonly Found[]>> {
  const places = new Map<string, Found[]>();
  await inSlices(quotas, ([name, state]) => {
    const known = quotaIn(name);
    if (!known) return;
    const others = places.get(known.place);
    const one = { name, serial: known.serial, ...state };
    if (others) others.push(one);
    else places.set(known.place, [one]);
  });
  return places;
}

function adopt(piece: Piece, places: ReadonlyMap<string, readonly Found[]>): Piece {
  let serial = piece.serial;
  const spent: Quota['kind'][] = [];
  const newestOf = (prefix: string): Found | undefined => {
    const own = places.get(objectName(prefix, piece.index, piece.hold.id)) ?? [];
    for (const one of own) serial = Math.max(serial, one.serial + 1);
    return own.reduce<Found | undefined>((a, b) => (a && a.serial > b.serial ? a : b), undefined);
  };
  // Also of one that is not away any more: its next quota has another name.
  const had = newestOf(rest.prefix);
  const resting = piece.rest && { rest: had?.name ?? piece.rest };
  const quotas = piece.quotas.map((quota): Quota => {
    const { prefix } = caps.find(({ kind }) => kind === quota.kind)!;
    const newest = newestOf(prefix);
    if (!newest) return quota;
    const left = piece.hold.caps[quota.kind]! - countedOf(piece.from, quota.kind);
    const { name, limit, used } = newest;
    if (used >= limit && left >= largestPacket) spent.push(quota.kind);
    // One that leaves too little is lengthened later: what passed between two readings looks like that, too.
    return { ...quota, name, limit: used + left < limit - largestPacket ? used + left : limit };
  });
  return renewed({ ...piece, ...resting, quotas, serial }, spent, piece.from);
}
