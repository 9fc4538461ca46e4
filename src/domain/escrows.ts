import { type Escrow, isOver } from './escrow.js';

/** Deposits that have come to their end and are still shown. */
const keptOver = 1000;

/** All deposits, in the order in which they were begun. */
export class Escrows {
  readonly #escrows = new Map<string, Escrow>();
  readonly #over: string[] = [];

  constructor(plain: readonly Escrow[]) {
    for (const escrow of plain) this.replace(escrow);
  }

  get(id: string): Escrow | undefined {
    return this.#escrows.get(id);
  }

  all(): IterableIterator<Escrow> {
    return this.#escrows.values();
  }

  /** Those for which something is left to be done. */
  open(): Escrow[] {
    return [...this.all()].filter((escrow) => !isOver(escrow));
  }

  /** Those whose units went into a session. */
  ofSession(id: string): Escrow[] {
    return [...this.all()].filter((escrow) => escrow.session === id);
  }

  /** The one that this very purchase began. */
  ofSale(key: string, digest: string): Escrow | undefined {
    return [...this.all()].find(({ sale }) => sale.key === key && sale.digest === digest);
  }

  /** Puts a newer state in the place of the old one. */
  replace(escrow: Escrow): void {
    const before = this.#escrows.get(escrow.id);
    this.#escrows.set(escrow.id, escrow);
    if (!isOver(escrow) || (before && isOver(before))) return;
    this.#over.push(escrow.id);
    while (this.#over.length > keptOver) this.#escrows.delete(this.#over.shift()!);
  }

  toPlain(): Escrow[] {
    return [...this.all()];
  }
}
