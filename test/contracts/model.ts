// What the escrow should do, written down a second time: plain numbers, no chain.
import type { Address, Hex } from '../../src/payments/wallet/typed-data.js';

const closingPeriod = 3600n;

export interface ModelSession {
  readonly buyer: Address;
  readonly seller: Address;
  readonly deposit: bigint;
  readonly price: bigint;
  readonly expiresAt: bigint;
  closableAt: bigint;
  used: bigint;
  closed: boolean;
}

/** A total that a buyer has signed. `by` is the key: not always the session's buyer. */
export interface Signed {
  readonly sessionId: Hex;
  readonly by: Address;
  readonly units: bigint;
  readonly before: bigint;
}

export class Model {
  readonly sessions = new Map<Hex, ModelSession>();
  readonly balances = new Map<Address, bigint>();
  readonly owed = new Map<Address, bigint>();
  readonly blocked = new Set<Address>();

  constructor(balances: Iterable<[Address, bigint]>) {
    for (const [account, amount] of balances) this.balances.set(account, amount);
  }

  canOpen(buyer: Address, deposit: bigint, price: bigint): boolean {
    return price > 0n && price <= deposit && !this.blocked.has(buyer) && this.#has(buyer) >= deposit;
  }

  open(id: Hex, session: Omit<ModelSession, 'closableAt' | 'used' | 'closed'>): void {
    this.sessions.set(id, {
      ...session,
      closableAt: session.expiresAt,
      used: 0n,
      closed: false,
    });
    this.#add(session.buyer, -session.deposit);
  }

  /** The seller calls for all that is signed, on top of the total on the chain. @returns whether it is let. */
  consume(signed: Signed, caller: Address): boolean {
    const session = this.sessions.get(signed.sessionId)!;
    const total = signed.before + signed.units;
    if (caller !== session.seller || session.closed || signed.by !== session.buyer) return false;
    if (total <= session.used || total * session.price > session.deposit) return false;
    if (signed.before !== session.used) return false;
    session.used = total;
    return true;
  }

  close(id: Hex, caller: Address, now: bigint): boolean {
    const session = this.sessions.get(id)!;
    if (session.closed || (caller !== session.seller && now < session.closableAt)) return false;
    this.#settle(session);
    return true;
  }

  closeSigned(id: Hex, by: Address, amount: bigint): boolean {
    const session = this.sessions.get(id)!;
    if (session.closed || by !== session.seller || amount !== session.used * session.price) return false;
    this.#settle(session);
    return true;
  }

  /** The seller names what he takes of what was signed, and goes on. */
  consumeAt(signed: Signed, by: Address, amount: bigint): boolean {
    const session = this.sessions.get(signed.sessionId)!;
    return amount > session.used * session.price && this.#charge(session, signed, by, amount);
  }

  /** The same, and the end. */
  closeAt(signed: Signed, by: Address, amount: bigint): boolean {
    const session = this.sessions.get(signed.sessionId)!;
    if (!this.#charge(session, signed, by, amount)) return false;
    this.#settle(session);
    return true;
  }

  requestClose(id: Hex, by: Address, now: bigint): boolean {
    const session = this.sessions.get(id)!;
    if (session.closed || by !== session.buyer) return false;
    if (now + closingPeriod < session.closableAt && session.closableAt === session.expiresAt)
      session.closableAt = now + closingPeriod;
    return true;
  }

  withdraw(account: Address): boolean {
    const amount = this.owed.get(account) ?? 0n;
    if (amount === 0n || this.blocked.has(account)) return false;
    this.owed.delete(account);
    this.#add(account, amount);
    return true;
  }

  /** What the contract must hold: the deposits of the open sessions, and what it could not deliver. */
  held(): bigint {
    const open = [...this.sessions.values()].filter((s) => !s.closed).map((s) => s.deposit);
    return [...open, ...this.owed.values()].reduce((a, b) => a + b, 0n);
  }

  #charge(session: ModelSession, signed: Signed, by: Address, amount: bigint): boolean {
    if (session.closed || by !== session.seller || signed.by !== session.buyer) return false;
    if (amount % session.price !== 0n || amount > session.deposit) return false;
    const units = amount / session.price;
    if (units < session.used || units > signed.before + signed.units) return false;
    session.used = units;
    return true;
  }

  #settle(session: ModelSession): void {
    session.closed = true;
    const forSeller = session.used * session.price;
    this.#deliver(session.seller, forSeller);
    this.#deliver(session.buyer, session.deposit - forSeller);
  }

  #deliver(account: Address, amount: bigint): void {
    if (!this.blocked.has(account)) this.#add(account, amount);
    else if (amount > 0n) this.owed.set(account, (this.owed.get(account) ?? 0n) + amount);
  }

  #has(account: Address): bigint {
    return this.balances.get(account) ?? 0n;
  }

  #add(account: Address, amount: bigint): void {
    this.balances.set(account, this.#has(account) + amount);
  }
}
