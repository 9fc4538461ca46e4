import type { Mac } from './mac.js';
import { isDone, isUsable, policyOf, type Session } from './session.js';

/** Caps in bytes, of both directions together and of each; one that is absent does not exist. */
export interface Caps {
  readonly total?: number;
  readonly up?: number;
  readonly down?: number;
}

/** The fastest that each direction may go, in kbit/s of 1000 bits; one that is absent is as fast as it can be. */
export interface Pace {
  readonly up?: number;
  readonly down?: number;
}

/** Bytes of each direction since a session began. */
export interface Counted {
  readonly up: number;
  readonly down: number;
}

/** What the kernel is to let pass of one session. */
export interface Hold {
  /** The session's id. */
  readonly id: string;
  readonly mac: Mac;
  /** Packets pass. Not so before a sale is on the disk, after an end was decided, and while the device is shut out. */
  readonly live: boolean;
  /** Of a live session, its device is away and its time stands still: until it sends, little comes in. @default false */
  readonly away?: boolean;
  /** Counted from the session's beginning, as in its allotment. */
  readonly caps: Caps;
  /** Bytes that were billed so far; the kernel counts on from there. */
  readonly used: Counted;
  /** For all addresses of the device together. What is beyond it is dropped, and used nowhere. */
  readonly pace: Pace;
}

/** What the kernel says of one session. */
export interface Count extends Counted {
  /** The session's id. */
  readonly id: string;
  /** Caps that are reached, as they were then: packets are dropped, and none passes by what is left. */
  readonly spent: Caps;
}

/** The hold of a session, or undefined when it is over. `mayPass`: nothing but the session's own state stands in its way. */
export function holdOf(session: Session, mayPass: boolean): Hold | undefined {
  if (isDone(session)) return undefined;
  const { id, mac, usage } = session;
  return {
    id,
    mac,
    live: mayPass && isUsable(session),
    caps: capsOf(session),
    used: { up: usage.up, down: usage.down },
    pace: paceOf(session),
  };
}

/** The kernel has cut this session off, and no top-up has raised that cap since. */
export function isSpent(session: Session, spent: Caps): boolean {
  const caps = capsOf(session);
  return (['total', 'up', 'down'] as const).some((kind) => {
    const reached = spent[kind];
    return reached !== undefined && reached >= (caps[kind] ?? Number.POSITIVE_INFINITY);
  });
}

/** What of a cap has been counted. */
export function countedOf({ up, down }: Counted, cap: keyof Caps): number {
  return cap === 'total' ? up + down : cap === 'up' ? up : down;
}

function paceOf(session: Session): Pace {
  const { upRate, downRate } = policyOf(session);
  return { ...(upRate !== undefined && { up: upRate }), ...(downRate !== undefined && { down: downRate }) };
}

function capsOf({ granted }: Session): Caps {
  return {
    ...(granted.bytes !== undefined && { total: granted.bytes }),
    ...(granted.upBytes !== undefined && { up: granted.upBytes }),
    ...(granted.downBytes !== undefined && { down: granted.downBytes }),
  };
}
