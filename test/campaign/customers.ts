import { setTimeout as pause } from 'node:timers/promises';
import type { Table } from 'openwrt-ubus';
import type { Mac } from '../../src/domain/mac.js';
import { type Random, whole } from '../rig/random.js';
import type { Order, Till } from './till.js';
import type { Traffic } from './traffic.js';

/** Calls the daemon; undefined when it died first, and with it the answer. */
export type Call = (method: string, args: Table) => Promise<Table | undefined>;

interface Customer {
  readonly mac: Mac;
  readonly plan: string;
  /** Ordered and not yet answered. */
  order: Order | undefined;
}

/** What a daemon that has only just begun may say; the customer asks again. */
const tooEarly = ['gateway_needed', 'unknown_gateway'];
const idle = ['unknown_session'];
const [topUpShare, closeShare] = [0.12, 0.03];

/** People who buy, look, top up and leave, each one thing after the other, all at the same time. */
export class Customers {
  /** Told of every purchase as it is sent. */
  onOrder: (() => void) | undefined;
  readonly #people: Customer[];
  readonly #call: Call;
  readonly #till: Till;
  readonly #traffic: Traffic;
  readonly #random: Random;
  #busy: Promise<unknown> = Promise.resolve();
  #shopping = false;

  constructor(
    macs: readonly Mac[],
    planOf: (mac: Mac) => string,
    parts: { call: Call; till: Till; traffic: Traffic; random: Random },
  ) {
    this.#people = macs.map((mac) => ({ mac, plan: planOf(mac), order: undefined }));
    this.#call = parts.call;
    this.#till = parts.till;
    this.#traffic = parts.traffic;
    this.#random = parts.random;
  }

  /** Opens the shop. */
  begin(): void {
    this.#shopping = true;
    this.#busy = Promise.all(this.#people.map((person) => this.#shop(person)));
    // What goes wrong is told when the shop closes.
    this.#busy.catch(() => {});
  }

  /** Closes the shop; resolves when everybody has his answer, or none is to come. */
  async end(): Promise<void> {
    this.#shopping = false;
    await this.#busy;
  }

  /** Asks once more for what was not answered. */
  async repeat(): Promise<void> {
    await Promise.all(this.#people.map((person) => person.order && this.#buy(person, person.order)));
  }

  async #shop(person: Customer): Promise<void> {
    while (this.#shopping) {
      await this.#think();
      if (this.#shopping && !(await this.#act(person))) return;
    }
  }

  /** @returns whether the daemon is still there. */
  async #act(person: Customer): Promise<boolean> {
    if (person.order) return this.#buy(person, person.order);
    const session = await this.#call('session', { mac: person.mac });
    if (session === undefined) return false;
    const code = codeOf(session);
    if (code !== undefined && !idle.includes(code)) throw new Error(`session: ${JSON.stringify(session)}`);
    const isOver = code !== undefined || session.closed !== undefined || session.state === 'closing';
    if (isOver || this.#random() < topUpShare) return this.#order(person);
    return this.#random() < closeShare ? this.#close(String(session.id)) : true;
  }

  #order(person: Customer): Promise<boolean> {
    this.#traffic.join(person.mac);
    person.order = this.#till.order(person.mac, person.plan, whole(this.#random, 3, 30));
    return this.#buy(person, person.order);
  }

  async #buy(person: Customer, order: Order): Promise<boolean> {
    const { key, mac, plan, steps } = order;
    order.asked += 1;
    this.onOrder?.();
    const payment = { method: 'cash', reference: key };
    const reply = await this.#call('purchase', { mac, plan, steps, payment, idempotency_key: key });
    if (reply === undefined) return false;
    const code = codeOf(reply);
    if (code !== undefined) {
      this.#till.refusals[code] = (this.#till.refusals[code] ?? 0) + 1;
      if (!tooEarly.includes(code)) throw new Error(`${key} was refused: ${JSON.stringify(reply)}`);
      return true;
    }
    order.session = String(reply.id);
    person.order = undefined;
    return true;
  }

  async #close(id: string): Promise<boolean> {
    const reply = await this.#call('close', { id, reason: 'user' });
    if (reply !== undefined && codeOf(reply) === undefined) this.#till.ended.add(id);
    return reply !== undefined;
  }

  #think(): Promise<void> {
    return pause(whole(this.#random, 5, 250));
  }
}

function codeOf(reply: Table): string | undefined {
  return (reply.error as { code: string } | undefined)?.code;
}
