import type { Held } from '../domain/hold.js';
import type { Authorization } from '../domain/lot.js';
import type { Mac } from '../domain/mac.js';
import type { Money } from '../domain/money.js';
import type { Baseline, GateOutcome, PollOutcome, Rates } from '../domain/reading.js';
import type { JournalRecord } from '../domain/record.js';
import type { Racing } from '../domain/review.js';
import type { Session } from '../domain/session.js';
import type { Wares } from '../domain/settlement.js';
import type { Bytes } from '../domain/units.js';

/** Time as the engine sees it; tests put their own in its place. */
export interface Clock {
  /** Milliseconds that only ever go forward, from any start. */
  mono(): number;
  /** Milliseconds since 1970 as the router believes; may jump. */
  wall(): number;
  /** Runs `task` once after `ms`; the returned function takes it back. Does not keep the process alive. */
  after(ms: number, task: () => void): () => void;
}

/** One captive portal. Every call is a turn of its single-flight queue, and gates go before polls. */
export interface Portal {
  readonly name: string;
  /** Tells where the counters of paid clients stood, and when (wall clock, in ms), before the first poll. */
  restore(baselines: readonly Baseline[], since: number): void;
  poll(): Promise<PollOutcome>;
  /** Lets a client through on the given addresses, or on the one that the portal knows. */
  open(mac: Mac, rates: Rates, addresses: readonly string[]): Promise<GateOutcome>;
  /** Shuts a client out on every address. */
  close(mac: Mac, addresses: readonly string[]): Promise<GateOutcome>;
}

/** The durable journal. */
export interface Journal {
  /**
   * Writes a record; it is durable after the next {@link sync}.
   * @throws an error with `code` `storage_full` or `storage_failed`; then nothing was written.
   */
  append(record: JournalRecord): void;
  sync(): Promise<void>;
  /** Gives up room that was kept for a full disk; false when there is none left. A snapshot takes it again. */
  giveRoom(): boolean;
  /** Makes `state` durable in the place of all records so far. */
  snapshot(state: object): Promise<void>;
  /** The records since the last snapshot are many enough for a new one. */
  readonly wantsSnapshot: boolean;
}

/** How the kernel's hard cap stands. */
export interface BackstopStatus {
  readonly state: string;
  readonly error: string;
  /** Times that somebody else changed our table. */
  readonly mended: number;
}

/** The same, with the largest difference between the kernel's count and the portal's. */
export interface BackstopReport extends BackstopStatus {
  readonly difference: { readonly bytes: number; readonly share: number };
  /** Sessions whose counter at the portal stands still while traffic flows. */
  readonly stalled: number;
}

/** Caps in the kernel, which hold when nobody is here to close a gate. */
export interface Backstop {
  readonly status: BackstopStatus;
  /** Resolves when the kernel has what should be, or cannot have it. Never rejects. */
  sync(): Promise<void>;
  /** What the kernel has counted; what somebody changed is put right. Never rejects. */
  audit(): Promise<readonly Held[]>;
  /** Resolves when nothing is under way. */
  rest(): Promise<void>;
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

/** What a payment method is asked to take. */
export interface Charge {
  readonly price: Money;
  /** The `payment` argument of the purchase, as it came in. */
  readonly payment: Readonly<Record<string, unknown>>;
  readonly mac: Mac;
  readonly user?: string;
}

/** Money that was taken, or why not. `code` is stable. */
export type Receipt =
  | { readonly ok: true; readonly reference: string }
  | { readonly ok: false; readonly code: string; readonly message: string };

/** A way to pay. */
export interface PaymentMethod {
  readonly name: string;
  /** Decimals of each currency that it takes. */
  readonly currencies: ReadonlyMap<string, number>;
  /** Takes the money at once. Absent where it is paid in and charged as it is used. */
  charge?(charge: Charge): Promise<Receipt>;
  /** What a wallet needs to pay: x402 v2 payment requirements. */
  requirements?(wares: Wares): object;
}

/** Who wants in, and with what he proves it. */
export interface Login {
  /** The session that it is for. */
  readonly session: string;
  readonly mac: Mac;
  readonly gateway: string;
  /** Under which the portal lists the device; absent when it lists none. */
  readonly address?: string;
  readonly user: string;
  /** Never in a log, a reply or the journal. */
  readonly password: string;
}

/** A server that decides who may in, and how much he may have. */
export interface Authorizer {
  /** The payment method that it is. */
  readonly name: string;
  /** Devices that one user may have at the same time. */
  readonly devices: number;
  /** Who logs in, from the `payment` argument of a purchase. */
  credentials(
    payment: Readonly<Record<string, unknown>>,
    mac: Mac,
  ): Result<{ readonly user: string; readonly password: string }>;
  /** Asks whether the password is right, and for nothing else. */
  authenticate(login: Login): Promise<Result<unknown>>;
  authorize(login: Login): Promise<Result<Authorization>>;
  /** Resolves when the server has heard of the end of these sessions, or does not answer. */
  reported(sessions: readonly string[]): Promise<void>;
}

/** What the engine tells the world, after it is durable. */
export type Notice =
  | { readonly type: 'session.opened' | 'session.low' | 'session.closed'; readonly session: Session }
  | { readonly type: 'session.usage'; readonly sessions: readonly Session[] }
  | { readonly type: 'gateway.up' | 'gateway.down'; readonly gateway: string; readonly detail: string }
  | { readonly type: 'sink.up' | 'sink.down'; readonly sink: string; readonly detail: string };

/** Refused, with nothing changed. `code` is stable and listed in the README. */
export interface Refusal {
  readonly ok: false;
  readonly code: string;
  readonly message: string;
}

/** An answer or a refusal. */
export type Result<T> = { readonly ok: true; readonly value: T } | Refusal;

export function refuse(code: string, message: string): Refusal {
  return { ok: false, code, message };
}

/** A line for the log: levels as in syslog. */
export type Log = (level: 'debug' | 'info' | 'warn' | 'error', text: string) => void;
