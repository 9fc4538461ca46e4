import type { PayOrder } from '../domain/pay-order.js';
import { refuse } from '../domain/refuse.js';
import type { Log } from '../ports/log.js';
import type { Refusal } from '../ports/result.js';
import type { Safe } from '../ports/safe.js';

const hourMs = 3_600_000;
/** Money that comes for an order within a day is taken, in ms. */
const openMs = 24 * hourMs;
/** Orders that are paid are shown for this long, and money comes from a hub, in ms. */
const doneMs = 7 * 24 * hourMs;
/** Orders that are kept: some 500 bytes each. */
const mostOrders = 2_000;

/** All orders that are kept, in memory and in the safe. */
export class PayOrders {
  readonly #safe: Safe;
  readonly #log: Log;
  readonly #orders = new Map<string, PayOrder>();

  constructor(safe: Safe, log: Log) {
    this.#safe = safe;
    this.#log = log;
    for (const [id, order] of safe.all()) this.#orders.set(id, order as PayOrder);
  }

  /** Orders are on the disk that cannot be read now: of none can be said that there is no such order. */
  get unread(): Refusal | undefined {
    const { unread } = this.#safe;
    return unread && refuse('storage_failed', unread.message);
  }

  get all(): PayOrder[] {
    return [...this.#orders.values()];
  }

  get isFull(): boolean {
    return this.#orders.size >= mostOrders;
  }

  get(id: string): PayOrder | undefined {
    return this.#orders.get(id);
  }

  /** Keeps an order in the place of what it was; it is on the disk when this resolves with nothing. */
  async put(order: PayOrder): Promise<Refusal | undefined> {
    try {
      await this.#safe.put(order.id, order);
      this.#orders.set(order.id, order);
      return undefined;
    } catch (cause) {
      const { code, message } = cause as { code: string; message: string };
      this.#log('error', `orders: ${message}`);
      return refuse(code, message);
    }
  }

  /**
   * Forgets what is out of date, and where there is no room the oldest of those whose customers have what they paid for,
   * then of those that are not shown as payable any more. @param now wall clock, ms since 1970
   * @returns their ids
   */
  async clear(now: number): Promise<string[]> {
    const gone = this.all.filter((order) => isOld(order, now));
    if (this.#orders.size - gone.length >= mostOrders) gone.push(...this.#least(gone, now));
    const dropped = await Promise.all(gone.map(({ id }) => this.#drop(id)));
    return gone.filter((_, at) => dropped[at]).map(({ id }) => id);
  }

  #least(gone: readonly PayOrder[], now: number): PayOrder[] {
    const left = this.all.filter((order) => !gone.includes(order)).sort((a, b) => a.at - b.at);
    const first =
      left.find(({ state }) => state === 'sold') ??
      left.find(({ state, until }) => state === 'open' && until < now);
    return first ? [first] : [];
  }

  #drop(id: string): Promise<boolean> {
    return this.#safe.put(id, undefined).then(
      () => this.#orders.delete(id),
      () => false,
    );
  }
}

/** What is paid and not served yet is never out of date. */
function isOld({ state, at, number }: PayOrder, now: number): boolean {
  // A hub may have taken the money while this router was away.
  const isShort = state === 'open' && number === undefined;
  return state !== 'paid' && Math.abs(now - at) >= (isShort ? openMs : doneMs);
}
