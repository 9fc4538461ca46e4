import { type Deposit, isOver } from './deposit.js';

/** Deposits that have come to their end and are still shown. */
const keptOver = 1000;

/** All deposits, in the order in which they were begun. */
export class Deposits {
  readonly #deposits = new Map<string, Deposit>();
  readonly #over: string[] = [];

  constructor(plain: readonly Deposit[]) {
    for (const deposit of plain) this.replace(deposit);
  }

  get(id: string): Deposit | undefined {
    return this.#deposits.get(id);
  }

  all(): IterableIterator<Deposit> {
    return this.#deposits.values();
  }

  /** Deposits for which something is left to be done. */
  open(): Deposit[] {
    return [...this.all()].filter((deposit) => !isOver(deposit));
  }

  /** Deposits whose units went into a session. */
  ofSession(id: string): Deposit[] {
    return [...this.all()].filter((deposit) => deposit.session === id);
  }

  /** The deposit that this purchase began. */
  ofSale(key: string, digest: string): Deposit | undefined {
    return [...this.all()].find(({ sale }) => sale.key === key && sale.digest === digest);
  }

  /** Another purchase under this key has begun, and is not over. */
  isOrdered(key: string, digest: string): boolean {
    return this.open().some(({ sale }) => sale.key === key && sale.digest !== digest);
  }

  /** Takes out a deposit that was never begun. */
  remove(id: string): void {
    this.#deposits.delete(id);
  }

  /** Puts a newer state of a deposit in the place of the old one. */
  replace(deposit: Deposit): void {
    const before = this.#deposits.get(deposit.id);
    this.#deposits.set(deposit.id, deposit);
    if (!isOver(deposit) || (before && isOver(before))) return;
    this.#over.push(deposit.id);
    while (this.#over.length > keptOver) this.#deposits.delete(this.#over.shift()!);
  }
}
