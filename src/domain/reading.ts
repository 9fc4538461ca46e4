import type { Mac } from './mac.js';
import type { Bytes } from './units.js';

/** One client object of the portal, as it stands in the reply to `json MAC`. */
export interface PortalClient {
  readonly mac: Mac;
  /** IPv4, dotted. Clients are unique by MAC and address, not by MAC alone. */
  readonly ip: string;
  /** The portal's own name for this stay of the client. */
  readonly token: string;
  /** A number that differs when the portal began to count anew: 32 bits made from the dialect's epoch fields. */
  readonly epoch: number;
  /** Counted from the client, since the epoch began. */
  readonly up: Bytes;
  /** Counted to the client, since the epoch began. */
  readonly down: Bytes;
  /** The state is `Authenticated`: its traffic passes. */
  readonly open: boolean;
}

/**
 * Where the counters of one client stood when they were last billed. A restart compares the portal with it.
 */
export interface Baseline {
  readonly mac: Mac;
  readonly ip: string;
  readonly epoch: number;
  readonly up: Bytes;
  readonly down: Bytes;
  /** The portal that counted; absent where that is the session's own. */
  readonly gateway?: string;
}

/** What changed for one client between two looks at the portal. */
export interface Reading {
  readonly mac: Mac;
  readonly ip: string;
  /** Bytes since the last reading of this client, never negative. */
  readonly up: Bytes;
  readonly down: Bytes;
  /** The client's gate is open now. Always false when `gone`. */
  readonly open: boolean;
  /** The portal listed this client for the first time (or again after it was gone). */
  readonly fresh: boolean;
  /** The counters began anew: another token, another session start, or a counter that fell. */
  readonly reset: boolean;
  /**
   * A portal that was started anew had this gate open from the first. Counters out of a file stand still until it has
   * counted as much again: nodogsplash keeps the larger number.
   */
  readonly restored: boolean;
  /** A complete reply no longer holds this client. */
  readonly gone: boolean;
  readonly baseline: Baseline;
}

/**
 * What a reading adds to a session that has counted this client up to `known`. A client that is listed again
 * within the same epoch adds only what its counters moved since then, although a ledger that has dropped it
 * reports all of its counters as new.
 */
export function newTo(
  known: Baseline | undefined,
  reading: Reading,
): { readonly up: Bytes; readonly down: Bytes } {
  const { up, down, baseline, fresh } = reading;
  const goesOn =
    fresh && known?.epoch === baseline.epoch && baseline.up >= known.up && baseline.down >= known.down;
  if (!goesOn) return { up, down };
  const atMost = (bytes: Bytes, moved: number) => Math.min(bytes, moved) as Bytes;
  return { up: atMost(up, baseline.up - known.up), down: atMost(down, baseline.down - known.down) };
}

/** Why a portal gave no usable answer. */
export type PortalFault =
  | 'absent'
  | 'refused'
  | 'busy'
  | 'timeout'
  | 'empty'
  | 'malformed'
  | 'aborted'
  | 'failed';

/** One look at all clients of a portal. */
export type PollOutcome =
  | {
      readonly ok: true;
      /** False when the reply was cut short: what was missing keeps its last values and is not taken as gone. */
      readonly complete: boolean;
      /** Only the clients that changed. */
      readonly readings: readonly Reading[];
      /** Client objects in the reply. */
      readonly clients: number;
      /** Clients that are not counted because there was no room for them. */
      readonly unmetered: number;
      readonly tookMs: number;
      /** Connections that wait at the portal without its knowing: it answers that many connections late. */
      readonly lag: number;
    }
  | { readonly ok: false; readonly reason: PortalFault; readonly detail: string; readonly tookMs: number };

/** What came of opening or closing a gate; `ok` only after the portal was read back. */
export type GateOutcome =
  | {
      readonly ok: true;
      /** Read before the gate was touched: traffic of the session that used the gate until now. */
      readonly before: readonly Reading[];
      /** Read back afterwards: traffic of the session that the gate was opened for. */
      readonly after: readonly Reading[];
    }
  | {
      readonly ok: false;
      /**
       * `unknown-client`: the portal has not seen this client yet. `unchanged`: it answered, and the gate stands as
       * before. `unmetered`: nobody would count what passes, so it was not opened.
       */
      readonly reason: PortalFault | 'unknown-client' | 'unchanged' | 'unmetered';
      readonly detail: string;
      readonly before: readonly Reading[];
    };

/** Rate limits for one client, in kbit/s. */
export interface Rates {
  readonly upRate?: number;
  readonly downRate?: number;
}
