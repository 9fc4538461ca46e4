import { type Caps, type Counted, countedOf, type Hold } from '../domain/hold.js';
import { caps, objectName, type Quota, rest } from './names.js';

/** A packet may be this large when it reaches our hook, in bytes: offloading joins segments. */
export const largestPacket = 65_536;
/** Nearly all packets are no larger where nothing joins them, in bytes: those of Ethernet. */
const ordinaryPacket = 1_500;

/** What the kernel has of one session. */
export interface Piece {
  readonly index: number;
  readonly hold: Hold;
  readonly quotas: readonly Quota[];
  /** The quota of what comes in while its device is away: another one each time, or one would seem set back. */
  readonly rest?: string;
  /** What its counters and new quotas begin with. */
  readonly from: Counted;
  /** Quotas made so far: each has a name of its own. */
  readonly serial: number;
}

/** The first piece of a session. */
export function newPiece(index: number, hold: Hold, from: Counted): Piece {
  return withCaps({ index, hold, quotas: [], from, serial: 0 }, hold);
}

/**
 * The piece for another hold. A quota keeps what it has counted, and its limit moves as far as the cap did: that
 * is exact while packets pass.
 */
export function withCaps(before: Piece, hold: Hold): Piece {
  let { serial } = before;
  const quotas = caps.flatMap(({ kind, prefix }): Quota[] => {
    const cap = hold.caps[kind];
    if (cap === undefined) return [];
    const had = before.quotas.find((q) => q.kind === kind);
    if (had) return [{ ...had, limit: had.limit + cap - before.hold.caps[kind]! }];
    const name = objectName(prefix, before.index, hold.id, serial++);
    return [{ kind, name, limit: cap, since: countedOf(before.from, kind) }];
  });
  const { rest: had, ...piece } = before;
  if (!hold.away || !hold.live) return { ...piece, hold, quotas, serial };
  const name = had ?? objectName(rest.prefix, before.index, hold.id, serial++);
  return { ...piece, hold, quotas, serial, rest: name };
}

/**
 * The piece with these quotas made anew, from what the counters say: a quota that has dropped packets counts
 * those too. Nothing passes while a quota is spent, so its counters stand still.
 */
export function renewed(piece: Piece, kinds: readonly (keyof Caps)[], counted: Counted): Piece {
  let { serial } = piece;
  const quotas = piece.quotas.map((quota): Quota => {
    const { kind } = quota;
    if (!kinds.includes(kind)) return quota;
    const { prefix } = caps.find((cap) => cap.kind === kind)!;
    const name = objectName(prefix, piece.index, piece.hold.id, serial++);
    return { kind, name, limit: piece.hold.caps[kind]!, since: countedOf(counted, kind) };
  });
  return { ...piece, quotas, serial, from: counted };
}

/** What one quota says, as it was read. */
export interface QuotaSeen {
  readonly limit: number;
  /** At most the limit, whatever was dropped. */
  readonly used: number;
}

/** What is to be done about the quotas of a session. */
export interface Verdict {
  /** The caps that are reached. */
  readonly spent: Caps;
  /** Spent before their time, by packets that were dropped. */
  readonly renew: readonly (keyof Caps)[];
  /** Bytes by which quotas that are not spent would end too soon, for they counted packets that were dropped. */
  readonly short: ReadonlyMap<keyof Caps, number>;
}

/** Compares a session's quotas with its counters. These must have been read after them, or traffic looks like drops. */
export function judge(
  { quotas, hold }: Piece,
  seen: ReadonlyMap<string, QuotaSeen>,
  counted: Counted,
): Verdict {
  const renew: (keyof Caps)[] = [];
  const short = new Map<keyof Caps, number>();
  const spent: { -readonly [K in keyof Caps]: Caps[K] } = {};
  for (const { kind, name, since } of quotas) {
    const found = seen.get(name);
    if (!found) continue;
    const left = hold.caps[kind]! - countedOf(counted, kind);
    // What is left is too little for the one that was dropped last. Smaller ones have it, as long as such come.
    const hasPassed = countedOf(counted, kind) - since >= ordinaryPacket;
    const lacks = left - Math.max(0, found.limit - found.used);
    if (found.used < found.limit) {
      if (lacks >= largestPacket) short.set(kind, lacks);
    } else if (left >= largestPacket || (left >= ordinaryPacket && hasPassed)) renew.push(kind);
    else spent[kind] = hold.caps[kind]!;
  }
  return { spent, renew, short };
}

/** The piece with limits moved by what was dropped. */
export function lengthened(piece: Piece, short: ReadonlyMap<keyof Caps, number>): Piece {
  const quotas = piece.quotas.map((q) => ({ ...q, limit: q.limit + (short.get(q.kind) ?? 0) }));
  return { ...piece, quotas };
}

/**
 * So near a cap that the kernel may have dropped packets: a quota may end as much too soon as is not worth
 * {@link lengthened lengthening}, and by one packet.
 */
export function isNear({ hold }: Piece, counted: Counted): boolean {
  return caps.some(({ kind }) => {
    const cap = hold.caps[kind];
    return cap !== undefined && cap - countedOf(counted, kind) < 2 * largestPacket;
  });
}

/** The kernel needs nothing else for it. */
export function isSame(before: Hold | undefined, after: Hold | undefined): boolean {
  if (!before || !after) return before === after;
  const isAlike = before.mac === after.mac && before.live === after.live && before.away === after.away;
  const hasCaps = (['total', 'up', 'down'] as const).every((kind) => before.caps[kind] === after.caps[kind]);
  return isAlike && hasCaps && before.pace.up === after.pace.up && before.pace.down === after.pace.down;
}

/** A cap is new, or higher than before. */
export function isRaised(before: Caps, after: Caps): boolean {
  return (['total', 'up', 'down'] as const).some((kind) => (after[kind] ?? 0) > (before[kind] ?? 0));
}
