import type { Closed, Opened, PaymentOrder, SignedUnits } from './deposit-scheme.js';
import type { PlainLot } from './plain-lot.js';

/**
 * Where a customer's deposit stands. `opening`: the payment may have been sent. `open-unknown`: it was sent,
 * and the outcome is unknown. `active`: the deposit is on the chain, and the signed units may be served.
 * `draining`: nothing more is served, and the units to be charged are known. `closing`, `close-unknown`: the
 * charge may have been sent. `reorged`: a reorganisation took the deposit off the chain. `closed`, `rejected`
 * and `disputed` are ends; a disputed deposit needs a person.
 */
export type DepositState =
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
export interface Deposit {
  /** The id of the order. */
  readonly id: string;
  /** The deposit scheme, which is also the payment method. */
  readonly method: string;
  readonly state: DepositState;
  readonly order: PaymentOrder;
  /** The sale that is made when the deposit is on the chain. */
  readonly sale: DepositSale;
  readonly signed: SignedUnits;
  /** From `active` on. */
  readonly opened?: Opened;
  /** The session that its units went into. */
  readonly session?: string;
  /** No reorganisation of the chain takes it away any more. */
  readonly final: boolean;
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
export interface DepositSale {
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
export type DepositEvent =
  | { readonly type: 'opened'; readonly opened: Opened }
  /** A session has got its units. */
  | { readonly type: 'sold'; readonly session: string }
  | { readonly type: 'signed'; readonly signed: SignedUnits }
  /** Units charged in all, as the chain says. */
  | { readonly type: 'consumed'; readonly units: string; readonly at: number }
  /** The deposit is so deep in the chain that it stays. */
  | { readonly type: 'final' }
  | { readonly type: 'gone' }
  | { readonly type: 'drained'; readonly units: string }
  | { readonly type: 'sent' }
  | { readonly type: 'unknown'; readonly note: string }
  | { readonly type: 'rejected'; readonly note: string }
  /** `note`: why not all that was due was charged. */
  | { readonly type: 'closed'; readonly closed: Closed; readonly note?: string };

/** Total and pure: an event that means nothing in a state leaves the deposit as it was. */
export function stepDeposit(deposit: Deposit, event: DepositEvent): Deposit {
  switch (event.type) {
    case 'opened':
      return isUnopened(deposit) ? opened(deposit, event.opened) : deposit;
    case 'sold':
      return isActive(deposit) && !deposit.session ? { ...deposit, session: event.session } : deposit;
    case 'signed':
      return isActive(deposit) && isMore(event.signed, deposit)
        ? { ...deposit, signed: event.signed }
        : deposit;
    case 'consumed':
      return isActive(deposit) ? consumed(deposit, event.units, event.at) : deposit;
    case 'final':
      return isActive(deposit) ? { ...deposit, final: true } : deposit;
    case 'gone':
      return isActive(deposit) ? { ...deposit, state: 'reorged', consumed: '0' } : deposit;
    case 'drained':
      return isActive(deposit)
        ? { ...deposit, state: 'draining', due: dueOf(deposit, event.units) }
        : deposit;
    case 'sent':
      return deposit.state === 'draining' ? { ...deposit, state: 'closing' } : deposit;
    case 'unknown':
      return unknown(deposit, event.note);
    case 'rejected':
      return rejected(deposit, event.note);
    case 'closed':
      return isOver(deposit) ? deposit : closed(deposit, event.closed, event.note);
  }
}

/** `now` without the sale that turned `before` into `after`. What later sales changed stays. */
export function unsold(now: Deposit, before: Deposit, after: Deposit): Deposit {
  if (!isActive(now)) return now;
  const { session: sold, ...rest } = now;
  const session = before.session ?? (sold === after.session ? undefined : sold);
  const signed = now.signed.units === after.signed.units ? before.signed : now.signed;
  return { ...rest, signed, ...(session !== undefined && { session }) };
}

/** Nothing more will be done for it. */
export function isOver({ state }: Deposit): boolean {
  return state === 'closed' || state === 'rejected' || state === 'disputed';
}

/** It is over, and with it what it paid for: a session that it went into is not paid any more. */
export function isReversed(deposit: Deposit): boolean {
  const isKept = deposit.state === 'closed' && deposit.opened?.final === true;
  return isOver(deposit) && !isKept;
}

/** The deposit is on the chain and may be served. */
export function isActive({ state }: Deposit): boolean {
  return state === 'active';
}

/** The deposit is still to be opened, or to be opened again. */
export function isUnopened({ state }: Deposit): boolean {
  return state === 'opening' || state === 'open-unknown' || state === 'reorged';
}

/** Units that may be served: never more than were signed, nor than the deposit pays for. */
export function servable({ signed, order }: Deposit): bigint {
  return least(BigInt(signed.units), BigInt(order.units));
}

function opened(deposit: Deposit, value: Opened): Deposit {
  return { ...deposit, state: 'active', opened: value, note: '' };
}

function closed(deposit: Deposit, value: Closed, note = ''): Deposit {
  return { ...deposit, state: 'closed', closed: value, note };
}

function consumed(deposit: Deposit, units: string, at: number): Deposit {
  const charged = dueOf(deposit, units);
  return charged === deposit.consumed ? deposit : { ...deposit, consumed: charged, chargedAt: at };
}

function isMore(signed: SignedUnits, { signed: before }: Deposit): boolean {
  return BigInt(signed.units) > BigInt(before.units);
}

/**
 * Units to be charged when this many are used: no less than was charged already, and no more than was signed.
 */
export function dueOf(deposit: Deposit, units: bigint | string): string {
  const wanted = least(BigInt(units), servable(deposit));
  const charged = BigInt(deposit.consumed);
  return `${wanted > charged ? wanted : charged}`;
}

function unknown(deposit: Deposit, note: string): Deposit {
  if (deposit.state === 'opening') return { ...deposit, state: 'open-unknown', note };
  if (deposit.state === 'closing') return { ...deposit, state: 'close-unknown', note };
  return isOver(deposit) ? deposit : { ...deposit, note };
}

function rejected(deposit: Deposit, note: string): Deposit {
  if (isOver(deposit)) return deposit;
  return { ...deposit, state: isUnopened(deposit) ? 'rejected' : 'disputed', note };
}

function least(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}
