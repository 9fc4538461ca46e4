import type { Database } from '../collector/database.js';
import type { Clock } from '../ports/clock.js';
import type { Log } from '../ports/log.js';
import { reasonOf } from '../system-error.js';
import type { Broker } from './broker.js';
import { forgetOrders, mark, type Order, openOrders } from './orders.js';

/** How often open orders are looked through, and how long a router has for its answer before it is asked again, in ms. */
const [lookEveryMs, answerMs] = [5_000, 30_000];
/** How often old orders are forgotten, in ms. */
const forgetEveryMs = 3_600_000;
const refusalForm = /^[a-z_]{1,40}$/;

export interface DispatchParts {
  readonly database: Database;
  readonly broker: Pick<Broker, 'online' | 'order'>;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Brings orders from the database to the routers that are there, until they answer. An order for a router that is away
 * stays in the database, and not with the broker: the hub alone decides when its time is over.
 */
export class Dispatch {
  readonly #parts: DispatchParts;
  /** When an order was sent, by {@link idOf}: monotonic, ms. */
  readonly #sent = new Map<string, number>();
  #turn: Promise<void> = Promise.resolve();
  #isQueued = false;
  #isOver = false;
  #forgotAt = -Infinity;
  #cancel = () => {};
  #said = '';

  constructor(parts: DispatchParts) {
    this.#parts = parts;
  }

  /** Begins to look through the orders at its interval. */
  start(): void {
    void this.hurry();
    this.#cancel = this.#parts.clock.after(lookEveryMs, () => this.start());
  }

  /** Looks through the orders now; resolves when that is done. Calls in one turn share a look. */
  hurry(): Promise<void> {
    if (this.#isQueued || this.#isOver) return this.#turn;
    this.#isQueued = true;
    this.#turn = this.#turn.then(async () => {
      this.#isQueued = false;
      try {
        await this.#look();
        this.#said = '';
      } catch (cause) {
        this.#say(`orders: ${reasonOf(cause)}`);
      }
    });
    return this.#turn;
  }

  /** A router is back: what it was sent before may not have arrived. */
  online(router: string): void {
    for (const id of this.#sent.keys()) if (id.startsWith(`${router}/`)) this.#sent.delete(id);
    void this.hurry();
  }

  /** A router's answer to any order; those to others' orders change nothing. */
  async answered(router: string, answer: unknown): Promise<void> {
    const { idempotency_key: key, error } = (answer ?? {}) as { idempotency_key?: unknown; error?: unknown };
    if (typeof key !== 'string') return;
    const code = error === undefined || error === null ? undefined : codeOf(error);
    // Nothing was done, and the next try may find it better.
    if (code === 'busy' || code === 'stopping' || code?.startsWith('storage_')) return;
    try {
      const order = await mark(
        this.#parts.database,
        { router, key },
        code ? 'refused' : 'done',
        code ?? null,
      );
      this.#sent.delete(`${router}/${key}`);
      if (order && code) this.#mourn(order, `the router refuses it (${code})`);
    } catch (cause) {
      this.#say(`an answer: ${reasonOf(cause)}`);
    }
  }

  async stop(): Promise<void> {
    this.#isOver = true;
    this.#cancel();
    await this.#turn;
  }

  async #look(): Promise<void> {
    const { database, broker, clock } = this.#parts;
    if (clock.mono() - this.#forgotAt >= forgetEveryMs) {
      await forgetOrders(database, clock.wall());
      this.#forgotAt = clock.mono();
    }
    const { open, expired } = await openOrders(database, clock.wall());
    for (const order of expired) this.#mourn(order, 'the router was away for too long');
    const ids = new Set(open.map(idOf));
    for (const id of this.#sent.keys()) if (!ids.has(id)) this.#sent.delete(id);
    const due = open.filter((order) => {
      const sent = this.#sent.get(idOf(order));
      return broker.online.has(order.router) && (sent === undefined || clock.mono() - sent >= answerMs);
    });
    await Promise.all(due.map((order) => this.#send(order)));
  }

  async #send(order: Order): Promise<void> {
    const { database, broker, clock } = this.#parts;
    const { router, key, command, args, validUntil } = order;
    const expiryS = Math.ceil((validUntil - clock.wall()) / 1000);
    if (expiryS <= 0 || this.#isOver) return;
    const message = { command, idempotency_key: key, arguments: JSON.parse(args) as unknown };
    this.#sent.set(idOf(order), clock.mono());
    // The answer may come before the broker's acknowledgement, and must not be overwritten by it: both look at `state`.
    if (await broker.order(router, Buffer.from(JSON.stringify(message)), expiryS))
      await mark(database, order, 'sent');
    else this.#sent.delete(idOf(order));
  }

  /** Somebody has paid, and gets nothing unless somebody looks after it. */
  #mourn({ command, router, args }: Order, why: string): void {
    if (command === 'payment_confirm')
      this.#parts.log('error', `a payment is not served at ${router}: ${why}: ${args}`);
  }

  #say(text: string): void {
    if (text !== this.#said) this.#parts.log('error', text);
    this.#said = text;
  }
}

function idOf({ router, key }: Pick<Order, 'router' | 'key'>): string {
  return `${router}/${key}`;
}

/** A code as routers have them; whatever else stands there is no word for people's screens. */
function codeOf(error: unknown): string {
  const { code } = (error ?? {}) as { code?: unknown };
  return typeof code === 'string' && refusalForm.test(code) ? code : 'unknown';
}
