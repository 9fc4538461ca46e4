import type { Mac } from '../../src/domain/mac.js';

/** One thing that a customer ordered. It stays one thing however often he has to ask. */
export interface Order {
  readonly key: string;
  readonly mac: Mac;
  readonly plan: string;
  readonly steps: number;
  /** The session of the answer; undefined as long as there was none. */
  session: string | undefined;
  /** Times that it was asked for. */
  asked: number;
}

/** What the customers know for sure: the receipts that the books of the daemon are compared with. */
export class Till {
  readonly orders = new Map<string, Order>();
  /** Sessions whose end was confirmed: these must never live again. */
  readonly ended = new Set<string>();
  /** Codes of refusals that a customer got. */
  readonly refusals: Record<string, number> = {};

  order(mac: Mac, plan: string, steps: number): Order {
    const key = `order-${this.orders.size + 1}`;
    const order = { key, mac, plan, steps, session: undefined, asked: 0 };
    this.orders.set(key, order);
    return order;
  }

  /** Orders whose answer got lost and that had to be asked for again. */
  get repeated(): number {
    return [...this.orders.values()].filter((o) => o.asked > 1).length;
  }

  get open(): Order[] {
    return [...this.orders.values()].filter((o) => o.session === undefined);
  }
}
