import { type Deposit, isOver } from './deposit.js';

/** Deposits that have come to their end and are still shown. */
const keptOver = 1000;
/**
 * Deposits that are remembered at once, open ones included: no more payments are read beyond it. Each takes
 * about 2 kB of memory.
 */
const mostKept = 6000;
/**
 * How long after its beginning a deposit could be presented again at the most, in ms. For deposits of earlier
 * versions, which do not say so.
 */
const longestValidity = 3_600_000;

/** All deposits, in the order in which they were begun. */
export class Deposits {
  readonly #deposits = new Map<string, Deposit>();
  /** Those that are not over, in the order in which they were begun. */
  readonly #open = new Set<string>();
  /** Those that are over, in the order in which they came to it. */
  readonly #over = new Set<string>();
  /** Ids of the deposits of each session. */
  readonly #bySession = new Map<string, Set<string>>();

  constructor(plain: readonly Deposit[]) {
    for (const deposit of plain) this.replace(deposit, Number.NEGATIVE_INFINITY);
  }

  get(id: string): Deposit | undefined {
    return this.#deposits.get(id);
  }

  all(): IterableIterator<Deposit> {
    return this.#deposits.values();
  }

  /** Deposits for which something is left to be done. */
  open(): Deposit[] {
    return [...this.#open].map((id) => this.#deposits.get(id)!);
  }

  /** Deposits whose units went into a session, in the order in which they did. */
  ofSession(id: string): Deposit[] {
    return [...(this.#bySession.get(id) ?? [])].map((one) => this.#deposits.get(one)!);
  }

  /** Something is left to be done for a deposit of the session. */
  isOwed(session: string): boolean {
    return this.ofSession(session).some((deposit) => !isOver(deposit));
  }

  /** The deposit that this purchase began. */
  ofSale(key: string, digest: string): Deposit | undefined {
    return [...this.all()].find(({ sale }) => sale.key === key && sale.digest === digest);
  }

  /** Another purchase under this key has begun, and is not over. */
  isOrdered(key: string, digest: string): boolean {
    return this.open().some(({ sale }) => sale.key === key && sale.digest !== digest);
  }

  /** No further deposit can be remembered. */
  get isFull(): boolean {
    return this.#deposits.size >= mostKept;
  }

  /** Takes out a deposit that was never begun. */
  remove(id: string): void {
    this.#unindex(this.#deposits.get(id));
    this.#deposits.delete(id);
    this.#open.delete(id);
    this.#over.delete(id);
  }

  /**
   * Puts a newer state of a deposit in the place of the old one, and forgets old ones that are over.
   * @param at wall clock, ms since 1970
   */
  replace(deposit: Deposit, at: number): void {
    const { id, session } = deposit;
    const before = this.#deposits.get(id);
    if (before?.session !== session) this.#unindex(before);
    this.#deposits.set(id, deposit);
    if (session !== undefined) {
      const ids = this.#bySession.get(session);
      if (ids) ids.add(id);
      else this.#bySession.set(session, new Set([id]));
    }
    if (!isOver(deposit)) {
      this.#over.delete(id);
      this.#open.add(id);
      return;
    }
    this.#open.delete(id);
    if (this.#over.has(id)) return;
    this.#over.add(id);
    this.#forget(at);
  }

  #forget(at: number): void {
    for (const id of this.#over) {
      if (this.#over.size <= keptOver) return;
      if (mayBeForgotten(this.#deposits.get(id)!, at)) this.remove(id);
    }
  }

  #unindex(deposit: Deposit | undefined): void {
    if (deposit?.session === undefined) return;
    const ids = this.#bySession.get(deposit.session);
    ids?.delete(deposit.id);
    if (ids?.size === 0) this.#bySession.delete(deposit.session);
  }
}

/**
 * A payment that the chain has taken is remembered while its signature is good: presented a second time, it
 * would look paid. One that was refused cost its sender nothing and would only be refused again, so it need not be.
 */
function mayBeForgotten({ opened, order, at: begun }: Deposit, at: number): boolean {
  return opened === undefined || (order.until ?? begun + longestValidity) <= at;
}
