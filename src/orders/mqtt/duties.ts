import type { OrderName } from '../../mqtt/section.js';

type Table = Readonly<Record<string, unknown>>;

/** A method of the ubus object, and what it is called with. */
export interface Call {
  readonly method: string;
  readonly args: Table;
}

/** Why an order is not carried out; `code` is stable. */
export interface Objection {
  readonly code: string;
  readonly message: string;
}

/** An order that is allowed. */
export interface Order {
  readonly name: OrderName;
  readonly key: string;
  readonly args: Table;
  /** The topic that the order names for its answer; absent: it names none. */
  readonly responseTopic?: string | undefined;
}

/** The last level of the topic on which answers of all kinds go to whom it may concern. */
export const commonReply = 'reply';

const keyed = (method: string) => (args: Table, key: string) => ({
  method,
  args: { ...args, idempotency_key: key },
});
const plain = (method: string) => (args: Table) => ({ method, args });

/** Which call each order is. */
const calls: Readonly<Record<OrderName, (args: Table, key: string) => Call | Objection>> = {
  close(args, key) {
    if ('id' in args) return { method: 'close', args };
    // By the time the message comes again, a device may have another session; a log-out is known by its key.
    if (!('user' in args)) return wrong('name the session by its id, or its user');
    return { method: 'logout_user', args: { reason: 'admin', ...args, idempotency_key: key } };
  },
  grant: keyed('grant'),
  reload: plain('reload'),
  status: plain('status'),
  logout_user: keyed('logout_user'),
  purchase({ payment, ...buyer }) {
    const { method, code, ...rest } = isTable(payment) ? payment : {};
    // Money that is handed in elsewhere, or a password, is nothing for a broker.
    if (method !== 'voucher' || typeof code !== 'string' || Object.keys(rest).length > 0)
      return { code: 'bad_payment', message: 'payment must be {"method": "voucher", "code": …}' };
    return { method: 'voucher_redeem', args: { ...buyer, code } };
  },
  voucher_create: keyed('voucher_create'),
  // Known by the order and the provider's reference for as long as there is an order.
  payment_confirm: plain('payment_confirm'),
};

/** What the ubus object is to be asked for an order, or why not. */
export function callFor({ name, key, args, responseTopic }: Order): Call | Objection {
  if (isSecret(name) && (responseTopic === undefined || responseTopic.split('/').at(-1) === commonReply)) {
    const message = `name a response topic that they may read who may have the codes, not ${commonReply} (MQTT 5)`;
    return { code: 'no_response_topic', message };
  }
  return calls[name](args, key);
}

/** Whether the answer is worth money to anybody who reads it: then who asks says where it goes. */
export function isSecret(name: OrderName): boolean {
  return name === 'voucher_create';
}

export function isTable(value: unknown): value is Table {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value);
}

function wrong(message: string): Objection {
  return { code: 'bad_argument', message };
}
