import type { Carry } from './carries.js';
import type { Refund } from './lot.js';
import type { Mac } from './mac.js';
import { moneyOf, type PlainMoney, plainMoney } from './money.js';
import type { PlainDeposit } from './plain-deposit.js';
import { fromPlainFolded, type PlainFolded, toPlainFolded } from './plain-folded.js';
import { fromPlainLot, type PlainLot, toPlainLot } from './plain-lot.js';
import type { Cause, Session } from './session.js';
import type { NamedUsageRow, UsageRow } from './usage-row.js';
import type { PlainBatch } from './vouchers.js';

type PlainRefund = Omit<Refund, 'money' | 'deposit'> & {
  readonly money: PlainMoney;
  readonly escrow?: string;
};

/** A {@link Session} as plain data, without bigints. */
export type PlainSession = Omit<Session, 'lots' | 'folded' | 'refunds'> & {
  readonly lots: readonly PlainLot[];
  readonly folded?: PlainFolded;
  readonly refunds: readonly PlainRefund[];
  /** Lots that are folded in a record alone: see `short-session.ts`. */
  readonly omitted?: number;
};

/** Why a session was written. */
export type SessionChange =
  | 'opened'
  | 'resumed'
  | 'suspended'
  | 'moved'
  | 'carried'
  | 'low'
  | 'reauthorized'
  | 'closing'
  | 'closed';

/** A decision that could not be made durable in time: it was refused and is taken back. */
export type Revocation = { readonly t: 'revoked'; readonly at: number } & (
  | {
      /** The sale of a lot. */
      readonly key: string;
      readonly id: string;
      /** The deposit as it is without the sale. */
      readonly escrow?: PlainDeposit;
    }
  /** A batch of vouchers. */
  | { readonly key: string; readonly batch: string }
  /** Vouchers that were to be made worthless. */
  | { readonly batch: string; readonly numbers: readonly number[] }
  /** A deposit that was to be taken. */
  | { readonly deposit: string }
);

/** A decision that nobody has acted on yet: it is refused when it cannot be made durable. */
export type Decision = Extract<JournalRecord, { readonly t: 'sold' | 'vouchers' | 'voided' | 'escrow' }>;

/**
 * What the journal holds, in the order of events; `at` is the wall clock in ms since 1970. Its words are
 * those of 0.1.0, in which a deposit is an `escrow`.
 */
export type JournalRecord =
  /** A run of the daemon began. `machine` names the run of the router, `rebooted` says that it is a new one. */
  | {
      readonly t: 'boot';
      readonly at: number;
      readonly boot: string;
      readonly machine?: string;
      readonly rebooted?: boolean;
    }
  /** Money taken or a grant made: the session with its new lot, under the caller's idempotency key. */
  | {
      readonly t: 'sold';
      readonly at: number;
      readonly key: string;
      readonly digest: string;
      readonly session: PlainSession;
      /** The deposit that paid for it, with its units in the session. */
      readonly escrow?: PlainDeposit;
      /**
       * Sessions that end because of the sale: others of the device, and the user's oldest above their limit.
       */
      readonly rivals?: readonly string[];
    }
  /** What has become of a deposit. */
  | { readonly t: 'escrow'; readonly at: number; readonly escrow: PlainDeposit }
  | Revocation
  | {
      readonly t: 'session';
      readonly at: number;
      readonly what: SessionChange;
      readonly session: PlainSession;
    }
  /** `resumed`: after a restart their portals have shown that the sessions of all these rows go on. */
  | {
      readonly t: 'usage';
      readonly at: number;
      readonly rows: readonly (UsageRow | NamedUsageRow)[];
      readonly resumed?: true;
    }
  /** A code was made with which a session is carried to another device. */
  | { readonly t: 'carry'; readonly at: number; readonly carry: Carry }
  /** A device's session has gone from this portal, whose gate may be open; `shut`: it has been seen shut since. */
  | {
      readonly t: 'left';
      readonly at: number;
      readonly gateway: string;
      readonly mac: Mac;
      readonly shut?: true;
    }
  /** Vouchers were made; their codes are hashed, and `sealed` where they may be printed again. */
  | {
      readonly t: 'vouchers';
      readonly at: number;
      readonly key: string;
      readonly digest: string;
      readonly batch: PlainBatch;
      readonly hashes: readonly string[];
      readonly sealed?: string;
    }
  /** A voucher was made worthless, or without `number` its whole batch. */
  | { readonly t: 'voided'; readonly at: number; readonly batch: string; readonly number?: number }
  /** A user is logged out under this key; the record names the sessions that this ends. */
  | {
      readonly t: 'logout';
      readonly at: number;
      readonly key: string;
      readonly digest: string;
      readonly sessions: readonly string[];
      /** @default `pc-logout` */
      readonly cause?: Cause;
    };

/** The session as plain data, with every lot that is not folded. */
export function toPlain({ folded, ...session }: Session): PlainSession {
  return {
    ...session,
    lots: session.lots.map(toPlainLot),
    ...(folded && { folded: toPlainFolded(folded) }),
    refunds: session.refunds.map(toPlainRefund),
  };
}

/** The inverse of {@link toPlain}. */
export function fromPlain(session: PlainSession): Session {
  const lots = session.lots.map(fromPlainLot);
  const refunds = session.refunds.map(fromPlainRefund);
  if (session.folded === undefined && session.omitted === undefined) {
    // Nothing to leave out: see `fromPlainLot`.
    const others: Omit<PlainSession, 'folded'> = session;
    return { ...others, lots, refunds };
  }
  const { folded, omitted: _, ...plain } = session;
  return { ...plain, lots, ...(folded && { folded: fromPlainFolded(folded) }), refunds };
}

function toPlainRefund({ money, deposit, ...refund }: Refund): PlainRefund {
  return { ...refund, ...(deposit !== undefined && { escrow: deposit }), money: plainMoney(money) };
}

function fromPlainRefund({ money, escrow, ...refund }: PlainRefund): Refund {
  return { ...refund, ...(escrow !== undefined && { deposit: escrow }), money: moneyOf(money) };
}
