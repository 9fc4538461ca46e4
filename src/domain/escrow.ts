import type { PlainLot } from './plain-lot.js';
import type { Closed, Opened, PaymentOrder, SignedUnits } from './settlement.js';

/**
 * Where a customer's deposit stands. `opening`: it may have been sent. `open-unknown`: it was, and nobody can say what
 * came of it. `active`: it is on the chain, and what is signed may be served. `draining`: nothing more is served, the
 * units to be charged are known. `closing`, `close-unknown`: the charge may have been sent. `reorged`: it was on the
 * chain and is not any more. `closed`, `rejected` and `disputed` are ends; the last one needs a person.
 */
export type EscrowState =
  | 'opening'
  | 'open-unknown'
  | 'active'
  | 'reorged'
  | 'draining'
  | 'closing'
  | 'close-unknown'
  | 'closed'
  | 'rejected'
  | 'disputed';

/** A deposit and what it pays for. Plain data. */
export interface Escrow {
  /** That of the order. */
  readonly id: string;
  /** The backend, and payment method. */
  readonly method: string;
  readonly state: EscrowState;
  readonly order: PaymentOrder;
  /** What was ordered: sold when the deposit is there. */
  readonly sale: EscrowSale;
  readonly signed: SignedUnits;
  /** From `active` on. */
  readonly opened?: Opened;
  /** The session that its units went into. */
  readonly session?: string;
  /** The chain has it for good. */
  readonly settled: boolean;
  /** Charged on the chain so far, as a decimal string. */
  readonly consumed: string;
  /** Wall clock of the last charge, ms since 1970. */
  readonly chargedAt?: number;
  /** To be charged in all, as a decimal string; from `draining` on. */
  readonly due?: string;
  readonly closed?: Closed;
  /** Why it is where it is; for people. */
  readonly note: string;
  /** Wall clock of the beginning, ms since 1970; for people. */
  readonly at: number;
}

/** Who bought what. */
export interface EscrowSale {
  readonly mac: string;
  readonly user?: string;
  readonly gateway?: string;
  /** The idempotency key of the purchase and the digest of its content. */
  readonly key: string;
  readonly digest: string;
  /** The lot for the units that were signed from the beginning. */
  readonly lot: PlainLot;
}

/** What can happen to a deposit. */
export type EscrowEvent =
  | { readonly type: 'opened'; readonly opened: Opened }
  /** Its units are in a session. */
  | { readonly type: 'sold'; readonly session: string }
  | { readonly type: 'signed'; readonly signed: SignedUnits }
  /** Charged in all, by what the chain says. */
  | { readonly type: 'consumed'; readonly units: string; readonly at: number }
  /** Deep enough in the chain to stay. */
  | { readonly type: 'settled' }
  | { readonly type: 'gone' }
  | { readonly type: 'drained'; readonly units: string }
  | { readonly type: 'sent' }
  | { readonly type: 'unknown'; readonly note: string }
  | { readonly type: 'rejected'; readonly note: string }
  /** `note`: why not all that was due was charged. */
  | { readonly type: 'closed'; readonly closed: Closed; readonly note?: string };

/** Total and pure: an event that means nothing in a state leaves the deposit as it was. */
export function stepEscrow(escrow: Escrow, event: EscrowEvent): Escrow {
  switch (event.type) {
    case 'opened':
      return isUnopened(escrow) ? opened(escrow, event.opened) : escrow;
    case 'sold':
      return isActive(escrow) && !escrow.session ? { ...escrow, session: event.session } : escrow;
    case 'signed':
      return isActive(escrow) && isMore(event.signed, escrow) ? { ...escrow, signed: event.signed } : escrow;
    case 'consumed':
      return isActive(escrow) ? consumed(escrow, event.units, event.at) : escrow;
    case 'settled':
      return isActive(escrow) ? { ...escrow, settled: true } : escrow;
    case 'gone':
      return isActive(escrow) ? { ...escrow, state: 'reorged', consumed: '0' } : escrow;
    case 'drained':
      return isActive(escrow) ? { ...escrow, state: 'draining', due: dueOf(escrow, event.units) } : escrow;
    case 'sent':
      return escrow.state === 'draining' ? { ...escrow, state: 'closing' } : escrow;
    case 'unknown':
      return unknown(escrow, event.note);
    case 'rejected':
      return rejected(escrow, event.note);
    case 'closed':
      return isOver(escrow) ? escrow : closed(escrow, event.closed, event.note);
  }
}

/** Nothing more will be done for it. */
export function isOver({ state }: Escrow): boolean {
  return state === 'closed' || state === 'rejected' || state === 'disputed';
}

/** The deposit is there and serves. */
export function isActive({ state }: Escrow): boolean {
  return state === 'active';
}

/** The deposit is to be taken, or to be taken again. */
export function isUnopened({ state }: Escrow): boolean {
  return state === 'opening' || state === 'open-unknown' || state === 'reorged';
}

/** Units that may be served: never more than were signed, nor than the deposit pays for. */
export function servable({ signed, order }: Escrow): bigint {
  return least(BigInt(signed.units), BigInt(order.units));
}

function opened(escrow: Escrow, value: Opened): Escrow {
  return { ...escrow, state: 'active', opened: value, note: '' };
}

function closed(escrow: Escrow, value: Closed, note = ''): Escrow {
  return { ...escrow, state: 'closed', closed: value, note };
}

function consumed(escrow: Escrow, units: string, at: number): Escrow {
  const charged = dueOf(escrow, units);
  return charged === escrow.consumed ? escrow : { ...escrow, consumed: charged, chargedAt: at };
}

function isMore(signed: SignedUnits, { signed: before }: Escrow): boolean {
  return BigInt(signed.units) > BigInt(before.units);
}

/** To be charged when so many units are used: neither less than was charged already, nor more than was signed. */
export function dueOf(escrow: Escrow, units: bigint | string): string {
  const wanted = least(BigInt(units), servable(escrow));
  const charged = BigInt(escrow.consumed);
  return `${wanted > charged ? wanted : charged}`;
}

function unknown(escrow: Escrow, note: string): Escrow {
  if (escrow.state === 'opening') return { ...escrow, state: 'open-unknown', note };
  if (escrow.state === 'closing') return { ...escrow, state: 'close-unknown', note };
  return isOver(escrow) ? escrow : { ...escrow, note };
}

function rejected(escrow: Escrow, note: string): Escrow {
  if (isOver(escrow)) return escrow;
  return { ...escrow, state: isUnopened(escrow) ? 'rejected' : 'disputed', note };
}

function least(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}
