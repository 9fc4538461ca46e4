import type { Table } from 'openwrt-ubus';
import type { SimulatedPortal } from '../../packages/simulators/portal.js';
import { type Random, whole } from '../rig/random.js';
import { codeOf, type Ledger, type Order } from './ledger.js';
import { type Stall, stalls, users } from './stalls.js';

/** Calls the daemon; undefined when it died first, and with it the answer. */
export type Call = (method: string, args: Table) => Promise<Table | undefined>;

export interface Place {
  readonly call: Call;
  readonly ledger: Ledger;
  readonly portal: SimulatedPortal;
  readonly random: Random;
}

/** Refusals that a customer may meet while others act at the same time; all others are wrong. */
const expected = new Set([
  ...['limits_differ', 'busy', 'unknown_session', 'key_conflict', 'forgotten'],
  ...[
    'voucher_in_use',
    'voucher_spent',
    'voucher_void',
    'voucher_busy',
    'unknown_voucher',
    'too_many_attempts',
  ],
]);
/** How far back an order is asked for again: what it was for is kept for longer. */
const recent = 60;

/** Somebody who does one thing after the other, mostly for their own device. */
export class Worker {
  readonly #own: Stall;
  readonly #place: Place;

  constructor(own: Stall, place: Place) {
    this.#own = own;
    this.#place = place;
  }

  /** Does something. @returns whether the daemon is still there */
  async act(): Promise<boolean> {
    const { random, portal } = this.#place;
    const dice = random();
    const stall = random() < 0.25 ? pick(random, stalls) : this.#own;
    portal.join(stall.mac, stall.ip);
    portal.carry(stall.mac, whole(random, 0, 40) * 1024, whole(random, 0, 200) * 1024);
    if (dice < 0.34) return this.#buy(stall);
    if (dice < 0.42) return this.#give(stall);
    if (dice < 0.46) return this.#print();
    if (dice < 0.6) return this.#redeem(stall);
    if (dice < 0.74) return this.#read('close', { mac: stall.mac, reason: pick(random, ['user', 'admin']) });
    if (dice < 0.79) return this.#ask(this.#place.ledger.order('logout_user', { user: pick(random, users) }));
    if (dice < 0.81) return this.#void();
    if (dice < 0.91) return this.#repeat();
    if (dice < 0.94) return this.#misuse();
    return this.#read('session', { mac: stall.mac });
  }

  /** Asks for an order, for the first time or again. */
  async #ask(order: Order): Promise<boolean> {
    const { call, ledger } = this.#place;
    const reply = await call(order.method, order.args);
    if (reply) ledger.answered(order, this.#checked(order.key, reply));
    return reply !== undefined;
  }

  #buy({ mac, plan }: Stall): Promise<boolean> {
    const { random, ledger } = this.#place;
    const steps = whole(random, 1, 12);
    const user = random() < 0.3 ? { user: pick(random, users) } : {};
    return this.#ask(ledger.order('purchase', { mac, plan, steps, gateway: 'lan', ...user }, steps));
  }

  #give({ mac, plan }: Stall): Promise<boolean> {
    const { random, ledger } = this.#place;
    const steps = whole(random, 1, 3);
    return this.#ask(ledger.order('grant', { mac, plan, steps, gateway: 'lan' }));
  }

  #print(): Promise<boolean> {
    const { random, ledger } = this.#place;
    const [steps, count] = [whole(random, 2, 10), whole(random, 1, 3)];
    return this.#ask(ledger.order('voucher_create', { plan: 'bytes', steps, count }));
  }

  async #redeem({ mac }: Stall): Promise<boolean> {
    const { random, ledger } = this.#place;
    const code = ledger.codes[ledger.codes.length - whole(random, 1, Math.min(8, ledger.codes.length))];
    return code ? this.#read('voucher_redeem', { code: code.text, mac, gateway: 'lan' }) : this.#print();
  }

  async #void(): Promise<boolean> {
    const { ledger, random } = this.#place;
    const code = ledger.codes[whole(random, 0, ledger.codes.length - 1)];
    return code ? this.#read('voucher_void', { id: `${code.batch}-1` }) : true;
  }

  async #repeat(): Promise<boolean> {
    const order = this.#known();
    return order ? this.#ask(order) : true;
  }

  /** The key of one order with the content of another one. */
  async #misuse(): Promise<boolean> {
    const order = this.#known();
    if (order?.method !== 'purchase') return true;
    const reply = await this.#place.call('purchase', { ...order.args, steps: Number(order.args.steps) + 1 });
    if (reply && codeOf(reply) !== 'key_conflict')
      this.#place.ledger.wrongs.push(`${order.key} was used for two things`);
    return reply !== undefined;
  }

  #known(): Order | undefined {
    const { ledger, random } = this.#place;
    const answered = ledger.orders.slice(-recent).filter(({ answer }) => answer);
    return answered.length > 0 ? pick(random, answered) : undefined;
  }

  async #read(method: string, args: Table): Promise<boolean> {
    const { call, ledger } = this.#place;
    const reply = await call(method, args);
    const code = reply && codeOf(this.#checked(method, reply));
    if (code !== undefined) ledger.count(code);
    return reply !== undefined;
  }

  #checked(what: string, reply: Table): Table {
    const code = codeOf(reply);
    if (code !== undefined && !expected.has(code))
      this.#place.ledger.wrongs.push(`${what}: ${JSON.stringify(reply)}`);
    return reply;
  }
}

function pick<T>(random: Random, from: readonly T[]): T {
  return from[whole(random, 0, from.length - 1)]!;
}
