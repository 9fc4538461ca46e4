import type { Spent } from '../../ports/payment-method.js';
import type { Safe } from '../../ports/safe.js';
import type { Proof } from './ecash.js';

/** The file beside the journal: the payment that is under way, and what was spent lately. */
export const spendFile = 'cashu-spent';

/** A payment, from the moment before its token is shown to anybody. Its coins are no longer the purse's. */
export interface Kept extends Spent {
  readonly inputs: readonly Proof[];
  /** Wall clock, ms since 1970. */
  readonly at: number;
}

/** What a payment took of the day's limit. `at`: wall clock, ms since 1970. */
interface Day {
  readonly id: string;
  readonly at: number;
  readonly unit: string;
  readonly amount: number;
}

interface Book {
  readonly now?: Kept;
  readonly paid: readonly Day[];
}

const name = 'spending';
const dayMs = 86_400_000;

/** Payments out of the purse, so that neither a crash nor a restart pays twice or above a limit. */
export class SpendBook {
  readonly #safe: Safe;
  readonly #wall: () => number;
  #book: Book;

  constructor(safe: Safe, wall: () => number) {
    this.#safe = safe;
    this.#wall = wall;
    const [first] = [...safe.all()].filter(([one]) => one === name);
    this.#book = (first?.[1] as Book | undefined) ?? { paid: [] };
  }

  get now(): Kept | undefined {
    return this.#book.now;
  }

  /** What was spent in the last 24 hours. A clock that was set back keeps none of it in force for longer. */
  today(unit: string): number {
    const own = this.#recent().filter((day) => day.unit === unit);
    return own.reduce((sum, { amount }) => sum + amount, 0);
  }

  /** It counts for the day's limit from now on. @throws what the safe throws */
  async begin(now: Kept): Promise<void> {
    const { id, unit, amount } = now;
    await this.#put({ now, paid: [...this.#recent(), { id, at: this.#wall(), unit, amount }] });
  }

  /** @throws what the safe throws */
  async end(): Promise<void> {
    await this.#put({ paid: this.#recent() });
  }

  /** So much of a payment is here again. @throws what the safe throws */
  async gotBack(id: string, amount: number): Promise<void> {
    const paid = this.#recent().map((day) =>
      day.id === id ? { ...day, amount: Math.max(0, day.amount - amount) } : day,
    );
    await this.#put({ ...this.#book, paid });
  }

  #recent(): Day[] {
    const now = this.#wall();
    return this.#book.paid.filter(({ at }) => Math.abs(now - at) < dayMs);
  }

  async #put(book: Book): Promise<void> {
    await this.#safe.put(name, book);
    this.#book = book;
  }
}
