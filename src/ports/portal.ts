import type { Section } from '../config/section.js';
import type { Mac } from '../domain/mac.js';
import type { Baseline, GateOutcome, PollOutcome, Rates } from '../domain/reading.js';
import type { Racing } from '../domain/review.js';
import type { Bytes, Millis } from '../domain/units.js';
import type { OwnPremises, OwnRules } from './premises.js';

/** One captive portal. Every call is a turn of its single-flight queue, and gates go before polls. */
export interface Portal {
  readonly name: string;
  /** How long the request under way has waited, in ms; 0 when there is none. @default 0 */
  readonly waitingMs?: number;
  /** Tells where the counters of paid clients stood, and when (wall clock, in ms), before the first poll. */
  restore(baselines: readonly Baseline[], since: number): void;
  poll(): Promise<PollOutcome>;
  /**
   * Lets a client through on the given addresses, or on the one that the portal knows.
   * @param isArrival whether a device that the portal does not list is let in as well, where the portal can find it
   */
  open(mac: Mac, rates: Rates, addresses: readonly string[], isArrival: boolean): Promise<GateOutcome>;
  /** Shuts a client out on every address. */
  close(mac: Mac, addresses: readonly string[]): Promise<GateOutcome>;
  /** What a device that is there calls itself, where the portal hears of it; printable. @default undefined */
  nameOf?(mac: Mac): string | undefined;
}

/** When to look at a portal again. One for each portal. */
export interface Cadence {
  /** A session moved this many bytes since it was last told of. */
  moved(id: string, up: Bytes, down: Bytes, now: number): void;
  forget(id: string): void;
  /** Recent rates, in bytes a second. */
  rates(id: string, now: number): { readonly up: number; readonly down: number };
  /** Milliseconds to the next poll. `left`: bytes to the cap of each open session that has one. */
  next(now: number, tookMs: number, sessions: Iterable<Racing>): number;
}

/** What is done when one MAC turns out to be two devices. */
export type DoublePolicy = 'report' | 'suspend' | 'close';

/** A portal at work. */
export interface RunningPortal extends Portal {
  /** Rejects the turns that wait and lets the turn under way end; gates stay as they are. */
  stop(): Promise<void>;
}

/** What every section `gateway` says, whatever its type. */
export interface PortalConfig {
  readonly name: string;
  /** The member of the seam. */
  readonly type: string;
  /** Interfaces of its customers; the one that it serves when empty. */
  readonly interface: readonly string[];
  /** Clients with no session are shut. */
  readonly exclusive: boolean;
  readonly doubleMac: DoublePolicy;
  readonly pollMin: Millis;
  readonly pollMax: Millis;
  /** Largest share of the portal's time that polls take, in percent. */
  readonly pollShare: number;
  /** A command that is called with `restart` when the portal does not recover by itself. */
  readonly restart?: string;
}

/** A section of a UCI file: its options and lists, the last value of each. */
export interface OwnSection {
  readonly type: string;
  readonly name: string | undefined;
  readonly options: ReadonlyMap<string, { readonly value: string }>;
  readonly lists: ReadonlyMap<string, readonly { readonly value: string }[]>;
}

/** Reads the sections of a UCI file; undefined when it is not there or cannot be read, which is then reported. */
export type ReadUci = (file: string) => readonly OwnSection[] | undefined;

/** What became of the gates of a portal that turnpike leaves. */
export interface Parting {
  /** How many were open and are not. */
  readonly shut: number;
  /** Why some may still be open. */
  readonly fault?: string;
}

/** A member of the seam: a line in `portals/registry.ts`, whose key is the `type` of a section `gateway`. */
export interface PortalMember<C extends PortalConfig, P> {
  readonly section: Section<C>;
  build(config: C, parts: P): RunningPortal;
  /** Shuts every gate, once there is no daemon any more; absent where the gates stand in turnpike's own table. */
  shutAll?(config: C): Promise<Parting>;
  /** Reads what the portal's own configuration says of its premises. @param read gives a file of UCI, parsed */
  premises(config: C, read: ReadUci): OwnPremises;
  /** Why only root can drive it; absent where CAP_NET_ADMIN is enough. */
  readonly root?: string;
  /** What it puts into the kernel's firewall for itself; absent when that is nothing. */
  readonly rules?: OwnRules;
}
