import type { Mac } from '../../domain/mac.js';
import type { PlainMoney } from '../../domain/money.js';
import type { Output, Proof } from './ecash.js';
import { groupsFor, type Part } from './split.js';

/** Proofs that belong together: those for some steps, or change. */
export interface Piece {
  /** That they pay for; 0 for change. */
  readonly steps: number;
  readonly proofs: readonly Proof[];
  /** `gone`: the seller took it out, or the customer spent it. */
  readonly whose: 'open' | 'seller' | 'customer' | 'gone';
}

/**
 * How far a customer's token has come.
 *
 * `asked`: the mint is asked for new proofs in its place; the outputs are on the disk, so that an answer that is lost
 * can be asked for again. `taken`: they are here. `sold`: they pay for a session. `over`: that has ended. `given`: nothing
 * was sold, and the customer was given all of it. `billed`: it is no token, but an invoice that may be paid.
 */
export type EntryState = 'billed' | 'asked' | 'taken' | 'sold' | 'over' | 'given';

/** A Lightning invoice of the mint. */
export interface Invoice {
  /** The order that it pays for. */
  readonly order: string;
  readonly price: PlainMoney;
  /** The mint's name of it. */
  readonly quote: string;
  /** Wall clock, ms since 1970: until when it is shown as payable. */
  readonly until: number;
}

/** One customer's token, from the moment before the mint is asked. Plain data: so it is kept. */
export interface Entry {
  readonly id: string;
  readonly state: EntryState;
  /** The idempotency key of the purchase. */
  readonly key: string;
  readonly mac: Mac;
  /** Wall clock, ms since 1970, of its newest state. */
  readonly at: number;
  readonly mint: string;
  readonly unit: string;
  readonly steps: number;
  /** For one step, in the unit. */
  readonly unitPrice: number;
  /** What the token is worth after the mint's fee, in the unit. */
  readonly worth: number;
  /** Kept while the mint is asked. */
  readonly inputs: readonly Proof[];
  readonly parts: readonly Part[];
  /** Every set of outputs that the mint was asked to sign, the newest last: any of them may have been signed. */
  readonly tries: readonly (readonly Output[])[];
  readonly pieces: readonly Piece[];
  /** What has come back from somebody whom the seller paid, until it is here. */
  readonly token?: string;
  /** The invoice by which it was paid; absent for a token. */
  readonly bill?: Invoice;
}

/** The value of proofs, in their unit. */
export function worthOf(proofs: readonly Proof[]): number {
  return proofs.reduce((sum, { amount }) => sum + amount, 0);
}

/** The entry with the proofs that the mint has signed, in the order of its parts. */
export function taken(entry: Entry, proofs: readonly Proof[], at: number): Entry {
  let from = 0;
  const pieces = entry.parts.map(({ steps, amounts }): Piece => {
    const own = proofs.slice(from, from + amounts.length);
    from += amounts.length;
    return { steps, proofs: own, whose: 'open' };
  });
  return { ...entry, state: 'taken', at, inputs: [], parts: [], tries: [], pieces };
}

/** The purchase is on the disk: the change is the customer's. */
export function sold(entry: Entry, at: number): Entry {
  return { ...entry, state: 'sold', at, pieces: entry.pieces.map((p) => (p.steps === 0 ? mine(p) : p)) };
}

/** Nothing was sold: all of it is the customer's. */
export function given(entry: Entry, at: number): Entry {
  return { ...entry, state: 'given', at, pieces: entry.pieces.map(mine) };
}

/** The session is over: so many steps were not begun, and go back. */
export function over(entry: Entry, unused: number, at: number): Entry {
  const back = groupsFor(
    unused,
    entry.pieces.map(({ steps }) => steps),
  );
  const pieces = entry.pieces.map((piece, place): Piece => {
    if (piece.whose !== 'open') return piece;
    return { ...piece, whose: back.includes(place) ? 'customer' : 'seller' };
  });
  return { ...entry, state: 'over', at, pieces };
}

/** The entry without the pieces that `isGone` names; undefined when nothing is left of it. */
export function without(entry: Entry, isGone: (piece: Piece) => boolean): Entry | undefined {
  const pieces = entry.pieces.map(
    (piece): Piece => (isGone(piece) ? { steps: piece.steps, proofs: [], whose: 'gone' } : piece),
  );
  const isLeft = entry.state === 'sold' || pieces.some(({ whose }) => whose !== 'gone');
  return isLeft ? { ...entry, pieces } : undefined;
}

/** All proofs of one owner. */
export function proofsFor(entry: Entry, whose: Piece['whose']): Proof[] {
  return entry.pieces.filter((piece) => piece.whose === whose).flatMap(({ proofs }) => proofs);
}

function mine(piece: Piece): Piece {
  return { ...piece, whose: 'customer' };
}

/** The key of what has come back, before the name of the payment. */
export const backKey = 'upstream ';

/** Whether it is money that has come back and is not the seller's yet: no customer waits for it. */
export function isBack({ key, state }: Entry): boolean {
  return key.startsWith(backKey) && (state === 'asked' || state === 'taken');
}
