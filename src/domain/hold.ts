import { isDone, isUsable, policyOf, type Session } from './session.js';
import { usedOf } from './usage.js';

/** Caps in bytes, of both directions together and of each. */
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

/** What the kernel is to let pass of one session, by the addresses of its device. */
export interface Hold {
  /** The session's id. */
  readonly id: string;
  readonly addresses: readonly string[];
  /** The session's end is decided: no more packets pass. */
  readonly cut: boolean;
  /**
   * Caps in bytes, counted from the session's beginning as in its allotment; a direction that is absent has
   * no cap.
   */
  readonly caps: Caps;
  /** Bytes that were counted so far; the kernel counts on from there. */
  readonly used: { readonly total: number; readonly up: number; readonly down: number };
  /**
   * Rates for all addresses together. Packets beyond a rate are dropped, and the kernel counts them as used
   * nowhere.
   */
  readonly rates: Pace;
}

/** What the kernel says of one session. */
export interface Held {
  readonly id: string;
  /** Bytes that it let pass since the session began. */
  readonly bytes: number;
  /** Caps that the kernel has reached, with their values at that time. The customer is cut off. */
  readonly spent: Caps;
}

/** The hold of a session, or undefined when it is over. */
export function holdOf(session: Session, addresses: readonly string[]): Hold | undefined {
  if (isDone(session)) return undefined;
  const { usage } = session;
  return {
    id: session.id,
    addresses,
    cut: !isUsable(session),
    caps: capsOf(session),
    used: { total: usedOf(usage, 'bytes'), up: usage.up, down: usage.down },
    rates: paceOf(session),
  };
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

/** The kernel has cut this session off, and no top-up has raised that cap since. */
export function isSpent(session: Session, { spent }: Held): boolean {
  const caps = capsOf(session);
  return (['total', 'up', 'down'] as const).some((kind) => {
    const reached = spent[kind];
    return reached !== undefined && reached >= (caps[kind] ?? Number.POSITIVE_INFINITY);
  });
}
