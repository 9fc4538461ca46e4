import type { Deposit } from '../../domain/deposit.js';
import type { Mac } from '../../domain/mac.js';
import type { Session } from '../../domain/session.js';
import type { Result } from '../../ports/result.js';

/** A purchase, as the engine takes it. */
export interface Order {
  readonly mac: Mac;
  readonly gateway?: string;
  readonly plan: string;
  readonly steps?: number;
  readonly payment: Readonly<Record<string, unknown>> & { readonly method: string };
  /** Made of the payment: the same payment is the same order. */
  readonly key: string;
}

/** What the counter asks of the engine. */
export interface Seller {
  purchase(order: Order): Promise<Result<Session>>;
  deposits(): Iterable<Deposit>;
}

/** An order, and what came of it. */
export interface Sale {
  readonly order: Order;
  readonly result: Result<Session>;
}

/** Orders that are remembered for the payments that came beside them; the oldest are forgotten. */
const mostRemembered = 1024;

/**
 * Sells to each device one thing at a time. A wallet that hears no answer signs anew, and a finger taps twice: while a
 * payment of a device is on its way, another one for the same is left alone, and has the answer of the first.
 */
export class Counter {
  readonly #seller: Seller;
  /** Orders that are not decided, by device and thing. */
  readonly #first = new Map<string, Order>();
  /** Orders that are with the engine now. Another device with the same payment has an order of its own. */
  readonly #running = new Map<string, Promise<Result<Session>>>();
  /** Orders that take the place of those whose payments were left alone. */
  readonly #instead = new Map<string, Order>();

  constructor(seller: Seller) {
    this.#seller = seller;
  }

  async sell(order: Order): Promise<Sale> {
    const before = this.#before(order);
    if (!before) return { order, result: await this.#run(order) };
    const result = await this.#run(before);
    if (result.ok || result.code === 'payment_pending') return { order: before, result };
    // Nothing was taken for the first one: this one pays.
    this.#instead.delete(nameOf(order));
    return this.sell(order);
  }

  /** The deposit that an order made. */
  depositOf({ key }: Pick<Order, 'key'>): Deposit | undefined {
    for (const deposit of this.#seller.deposits()) if (deposit.sale.key === key) return deposit;
    return undefined;
  }

  /** The order that takes the place of this one. */
  #before(order: Order): Order | undefined {
    const known = this.#instead.get(nameOf(order));
    if (known) return known;
    const first = this.#first.get(waresOf(order));
    if (!first || first.key === order.key || !this.#isUnderWay(first)) return undefined;
    if (this.depositOf(order)) return undefined;
    remember(this.#instead, nameOf(order), first);
    return first;
  }

  #isUnderWay(order: Order): boolean {
    if (this.#running.has(nameOf(order))) return true;
    const state = this.depositOf(order)?.state;
    return state === 'opening' || state === 'open-unknown';
  }

  #run(order: Order): Promise<Result<Session>> {
    const name = nameOf(order);
    const running = this.#running.get(name);
    if (running) return running;
    remember(this.#first, waresOf(order), order);
    const run = this.#seller.purchase(order).finally(() => this.#running.delete(name));
    this.#running.set(name, run);
    void run.then(
      (result) => this.#forget(order, result),
      () => {},
    );
    return run;
  }

  /** Another payment is for more, now that this one is decided. */
  #forget(order: Order, result: Result<Session>): void {
    const isDecided = result.ok || result.code !== 'payment_pending';
    if (isDecided && this.#first.get(waresOf(order)) === order) this.#first.delete(waresOf(order));
  }
}

/** Who buys what. */
function waresOf({ mac, plan, steps }: Order): string {
  return JSON.stringify([mac, plan, steps]);
}

function nameOf(order: Order): string {
  return `${order.key} ${waresOf(order)}`;
}

function remember(orders: Map<string, Order>, key: string, value: Order): void {
  orders.delete(key);
  orders.set(key, value);
  const [oldest] = orders.keys();
  if (orders.size > mostRemembered) orders.delete(oldest!);
}
