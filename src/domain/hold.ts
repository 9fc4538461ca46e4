import { isDone, isOpenEnded, type Session } from './session.js';
import { usedOf } from './usage.js';

/** What the kernel is to let pass of one session, by the addresses of its device. */
export interface Hold {
  /** The session's id. */
  readonly id: string;
  readonly addresses: readonly string[];
  /** Its end is decided: nothing passes any more. */
  readonly cut: boolean;
  /** Bytes from the session's beginning on, as in its allotment; a direction that is absent has no cap. */
  readonly caps: { readonly total?: number; readonly up?: number; readonly down?: number };
  /** Bytes that have been counted so far: where the kernel begins to count. */
  readonly used: { readonly total: number; readonly up: number; readonly down: number };
}

/** What the kernel says of one session. */
export interface Held {
  readonly id: string;
  /** Bytes that it let pass since the session began. */
  readonly bytes: number;
  /** A cap has been reached: the customer is cut off. */
  readonly spent: boolean;
}

/** The hold of a session, or undefined when it is over. */
export function holdOf(session: Session, addresses: readonly string[]): Hold | undefined {
  if (isDone(session)) return undefined;
  const { granted, usage } = session;
  return {
    id: session.id,
    addresses,
    cut: !isOpenEnded(session),
    caps: {
      ...(granted.bytes !== undefined && { total: granted.bytes }),
      ...(granted.upBytes !== undefined && { up: granted.upBytes }),
      ...(granted.downBytes !== undefined && { down: granted.downBytes }),
    },
    used: { total: usedOf(usage, 'bytes'), up: usage.up, down: usage.down },
  };
}
