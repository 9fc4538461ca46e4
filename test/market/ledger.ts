import type { Table } from 'openwrt-ubus';

/** Something that was ordered under a key. It stays one thing however often it is asked for. */
export interface Order {
  readonly key: string;
  readonly method: 'purchase' | 'grant' | 'voucher_create' | 'logout_user';
  readonly args: Table;
  /** What it costs, in cents. */
  readonly cents: number;
  /** What the answer names: a session, a batch, or the sessions of a log-out. Undefined while there is none. */
  answer: readonly string[] | undefined;
  /** Why it was refused: it was asked for again under no circumstances. */
  code: string | undefined;
}

/** A code that somebody has in their hand. */
export interface Code {
  readonly batch: string;
  readonly text: string;
}

/** What the tills of the market know for sure: the receipts that the daemon's books are compared with. */
export class Ledger {
  readonly orders: Order[] = [];
  readonly codes: Code[] = [];
  /** Codes of refusals, and how often. */
  readonly refusals: Record<string, number> = {};
  /** What ought never to have happened. */
  readonly wrongs: string[] = [];
  /** Times that an order was asked for again, and had the same answer. */
  repeats = 0;

  order(method: Order['method'], args: Table, cents = 0): Order {
    const key = `k${this.orders.length + 1}`;
    const named = method === 'grant' ? { reason: key } : {};
    const paid = method === 'purchase' ? { payment: { method: 'cash', reference: key } } : {};
    const all = { ...args, ...named, ...paid, idempotency_key: key };
    const order: Order = { key, method, args: all, cents, answer: undefined, code: undefined };
    this.orders.push(order);
    return order;
  }

  /** An order was answered, for the first time or again. */
  answered(order: Order, reply: Table): void {
    const code = codeOf(reply);
    if (code !== undefined) this.#refused(order, code);
    else if (order.answer) this.#again(order, namesIn(reply));
    else this.#taken(order, reply);
  }

  get open(): Order[] {
    return this.orders.filter(({ answer, code }) => answer === undefined && code === undefined);
  }

  /** Sold or granted: these are the lots that the books must have, and no others of their kinds. */
  get sold(): Order[] {
    return this.orders.filter(
      ({ method, answer }) => answer && (method === 'purchase' || method === 'grant'),
    );
  }

  count(code: string): void {
    this.refusals[code] = (this.refusals[code] ?? 0) + 1;
  }

  #taken(order: Order, reply: Table): void {
    if (order.code !== undefined) this.wrongs.push(`${order.key} was refused (${order.code}) and then taken`);
    order.answer = namesIn(reply);
    if (order.method !== 'voucher_create') return;
    for (const text of reply.codes as string[]) this.codes.push({ batch: order.answer[0]!, text });
  }

  #refused(order: Order, code: string): void {
    this.count(code);
    // Codes are shown once: a repeat after a restart is told that they are gone.
    const isForgotten = order.method === 'voucher_create' && code === 'forgotten';
    if (order.answer && !isForgotten)
      this.wrongs.push(`${order.key} was answered, and then refused: ${code}`);
    if (!order.answer && isForgotten) order.answer = [];
    if (!order.answer) order.code = code;
  }

  #again(order: Order, names: readonly string[]): void {
    this.repeats += 1;
    if (names.join() !== order.answer!.join())
      this.wrongs.push(`${order.key} was answered ${order.answer}, and then ${names}`);
  }
}

function namesIn(reply: Table): string[] {
  if (reply.batch !== undefined) return [String(reply.batch)];
  if (reply.sessions !== undefined) return (reply.sessions as Table[]).map(({ id }) => String(id));
  return [String(reply.id)];
}

/** Why a call was refused; undefined when it was not. */
export function codeOf(reply: Table): string | undefined {
  return (reply.error as { code: string } | undefined)?.code;
}
