import type { Lot, Refund } from './lot.js';
import type { Money } from './money.js';
import type { Session } from './session.js';
import type { NamedUsageRow, UsageRow } from './usage-row.js';

/** {@link Money} as it is stored and sent: the amount is a decimal string, for tokens outgrow 64 bits. */
interface PlainMoney {
  readonly currency: string;
  readonly decimals: number;
  readonly amount: string;
}
type PlainLot = Omit<Lot, 'funding'> & {
  readonly funding: { readonly method: string; readonly reference: string; readonly paid?: PlainMoney };
};
type PlainRefund = Omit<Refund, 'money'> & { readonly money: PlainMoney };

/** A {@link Session} as plain data, without bigints. */
export type PlainSession = Omit<Session, 'lots' | 'refunds'> & {
  readonly lots: readonly PlainLot[];
  readonly refunds: readonly PlainRefund[];
};

/** Why a session was written whole. */
export type SessionChange = 'opened' | 'resumed' | 'suspended' | 'moved' | 'low' | 'closing' | 'closed';

/** What the journal holds, in the order of what happened; `at` is the wall clock in ms since 1970. */
export type JournalRecord =
  | { readonly t: 'boot'; readonly at: number; readonly boot: string }
  /** Money taken or a grant made: the session with its new lot, under the caller's idempotency key. */
  | {
      readonly t: 'sold';
      readonly at: number;
      readonly key: string;
      readonly digest: string;
      readonly session: PlainSession;
    }
  /** A sale that could not be made durable in time, and was refused: its lot is taken back. */
  | { readonly t: 'revoked'; readonly at: number; readonly key: string; readonly id: string }
  | {
      readonly t: 'session';
      readonly at: number;
      readonly what: SessionChange;
      readonly session: PlainSession;
    }
  | { readonly t: 'usage'; readonly at: number; readonly rows: readonly (UsageRow | NamedUsageRow)[] }
  /** A user was logged out under this key; the sessions that it ended. */
  | {
      readonly t: 'logout';
      readonly at: number;
      readonly key: string;
      readonly digest: string;
      readonly sessions: readonly string[];
    };

/** The session as the journal keeps it. */
export function toPlain(session: Session): PlainSession {
  return {
    ...session,
    lots: session.lots.map(({ funding: { paid, ...funding }, ...lot }) => ({
      ...lot,
      funding: { ...funding, ...(paid && { paid: plainMoney(paid) }) },
    })),
    refunds: session.refunds.map((refund) => ({ ...refund, money: plainMoney(refund.money) })),
  };
}

/** The inverse of {@link toPlain}. */
export function fromPlain(plain: PlainSession): Session {
  return {
    ...plain,
    lots: plain.lots.map(({ funding: { paid, ...funding }, ...lot }) => ({
      ...lot,
      funding: { ...funding, ...(paid && { paid: money(paid) }) },
    })),
    refunds: plain.refunds.map((refund) => ({ ...refund, money: money(refund.money) })),
  };
}

function plainMoney(m: Money): PlainMoney {
  return { ...m, amount: m.amount.toString() };
}

function money(m: PlainMoney): Money {
  return { ...m, amount: BigInt(m.amount) };
}
