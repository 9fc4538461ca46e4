import type { Count, Counted, Hold } from '../domain/hold.js';
import type { Mac } from '../domain/mac.js';
import type { Premises } from './premises.js';

/** How the table in the kernel stands. */
export interface KernelStatus {
  /**
   * Gates, caps, rates and counters hold in the state `on` alone. `bypassed`: flows avoid them. In all other
   * states the table may be missing.
   */
  readonly state: 'starting' | 'on' | 'bypassed' | 'missing' | 'failed';
  readonly error: string;
  /** Times that another program changed the table and turnpike repaired it. */
  readonly mended: number;
  /**
   * Whether the kernel counts what each connection moves, from which bytes are billed whose counters somebody flushed; or
   * why not: it has no list of connections, its accounting is off, they are too many, or the look took too long.
   * `unknown` before the first look.
   */
  readonly connections?: 'unknown' | 'counted' | 'missing' | 'off' | 'many' | 'late';
}

/** What the kernel is asked to keep, read anew each time. */
export interface Wanted {
  /** The hold of a session; undefined when it is over. */
  hold(id: string): Hold | undefined;
  /** The holds of all sessions. */
  holds(): Iterable<Hold>;
  /** The interfaces that are for sale, by portal. */
  premises(): Iterable<Premises>;
}

/** What the kernel's side says by itself. */
export interface KernelNews {
  /** Chains of a portal's own that are not in the kernel any more; none when all are back. */
  portalRules(portal: string, missing: readonly string[]): void;
}

/** The table's own word on gates, for a portal that has no other gate. */
export interface KernelGate {
  /** The table is there, and as it was last written. */
  readonly isKept: boolean;
  /** Packets of this device pass, as the table was last written. */
  passes(mac: Mac): boolean;
  /** Bytes that the running sessions of this device have sent, as last counted. */
  sent(mac: Mac): number;
  /** Resolves when all that was asked for so far is written, or cannot be. Never rejects. */
  settle(): Promise<void>;
}

/** Gate, meter and cap of every session, by device and for both address families. Holds when turnpike is not there. */
export interface Kernel {
  readonly status: KernelStatus;
  /** Resolves when the kernel has the holds of these sessions as wanted, or cannot have them. Never rejects. */
  sync(ids: Iterable<string>): Promise<void>;
  /**
   * Shuts devices out at once where the next {@link sync} would wait: while the table of an earlier run is taken in, and
   * beside whatever else is under way. They may pass no more, and that has to follow. Never rejects.
   */
  cut(macs: Iterable<Mac>): Promise<void>;
  /** What has moved since the last call; empty when nothing did or nothing can be read. Never rejects. */
  read(): Promise<readonly Count[]>;
  /** What one session has moved in all; undefined when that cannot be read. Never rejects. */
  count(id: string): Promise<Counted | undefined>;
  /** Compares the whole table with what is wanted and repairs what differs. Never rejects. */
  audit(): Promise<void>;
  /** Ends what is under way. The table stays, and holds. */
  stop(): Promise<void>;
}
