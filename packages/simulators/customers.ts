import type { Table, UbusClient } from 'openwrt-ubus';
import type { Mac } from '../../src/domain/mac.js';

import { deviceAt } from './device.js';
import type { SimulatedPortal } from './portal.js';

/** A session that has ended. Bytes, by the portal's own count of what passed the gate. */
export interface Closed {
  readonly cause: string;
  readonly granted: number;
  /** Moved beyond what was granted. */
  readonly overshoot: number;
}

/** What the customers did. */
export interface Tally {
  sold: number;
  /** Sessions that have ended, by cause. */
  readonly closed: Record<string, number>;
  /** Those among them that were granted bytes. */
  readonly sessions: Closed[];
  /** Purchases that were refused, by error code. */
  readonly errors: Record<string, number>;
}

export interface CustomersOptions {
  /** How many, 1 to 65534. */
  readonly count: number;
  /** Ids of the plans that they choose among; each is paid for in cash, one step at a time. */
  readonly plans: readonly string[];
  readonly portal: SimulatedPortal;
  /** Connected to the bus on which turnpike is. */
  readonly bus: UbusClient;
  /** Numbers from 0 to 1. */
  readonly random: () => number;
}

interface Customer {
  readonly mac: Mac;
  readonly ip: string;
  /** Bytes a second while the gate is open. */
  rate: number;
  /** Share of it that goes up. */
  upShare: number;
  plan: string;
  /** When they buy next, on the clock of {@link Customers.tick}; infinite while a session runs. */
  nextAt: number;
  /** Their session that has not ended. */
  session: string | undefined;
  /** What had passed the gate when that was bought. */
  servedBefore: number;
  buys: number;
}

/** Bytes a second: 1 to 80 Mbit/s. */
const [slowest, fastest] = [125_000, 10_000_000];
const mostUpShare = 0.3;
/** All have come after so many ms, or after as many more as they need at so many a second. */
const [arriveMs, arrivalsPerSecond] = [2000, 200];
/** They wait so long after a refusal, and between these after a session. */
const [retryMs, leastPauseMs, mostPauseMs] = [2000, 500, 3500];
const topUpShare = 1 / 3;

/** People with phones: they come, pay, move bytes, sometimes buy more before they run out, and come back. */
export class Customers {
  readonly tally: Tally = { sold: 0, closed: {}, sessions: [], errors: {} };
  readonly #options: CustomersOptions;
  readonly #people = new Map<string, Customer>();
  #now = 0;
  #over = false;

  constructor(options: CustomersOptions) {
    this.#options = options;
    const arrival = Math.max(arriveMs, (options.count * 1000) / arrivalsPerSecond);
    for (let n = 0; n < options.count; n++) {
      const device = deviceAt(n);
      this.#people.set(device.mac, {
        ...device,
        ...{ rate: 0, upShare: 0, plan: '', session: undefined, servedBefore: 0, buys: 0 },
        nextAt: options.random() * arrival,
      });
    }
  }

  /** Listens for what happens to their sessions. */
  async begin(): Promise<void> {
    await this.#options.bus.subscribe('turnpike', (type, data) => {
      if (type === 'session.closed') this.#closed(data);
      else if (type === 'session.low' && this.#options.random() < topUpShare) this.#topUp(data);
    });
  }

  /** What happens from now on is not counted: everything is being taken down. */
  end(): void {
    this.#over = true;
  }

  /**
   * Lets traffic pass, and those buy whose time has come.
   * @param now ms since the beginning, never less than the last time
   */
  tick(now: number): void {
    const seconds = (now - this.#now) / 1000;
    this.#now = now;
    for (const person of this.#people.values()) {
      const moved = Math.round(person.rate * seconds);
      const up = Math.round(moved * person.upShare);
      this.#options.portal.carry(person.mac, up, moved - up);
      if (now >= person.nextAt) void this.#buy(person);
    }
  }

  async #buy(person: Customer): Promise<void> {
    const { plans, portal, random } = this.#options;
    person.nextAt = Number.POSITIVE_INFINITY;
    person.buys += 1;
    person.plan = plans[Math.floor(random() * plans.length)]!;
    person.rate = slowest + random() * (fastest - slowest);
    person.upShare = random() * mostUpShare;
    portal.join(person.mac, person.ip);
    if (!(await this.#purchase(person, 'first'))) person.nextAt = this.#now + retryMs;
  }

  #topUp(session: Table): void {
    const person = this.#people.get(String(session.mac));
    if (person) void this.#purchase(person, `more-${this.tally.sold}`);
  }

  /** @returns whether it was sold. */
  async #purchase(person: Customer, tag: string): Promise<boolean> {
    const { mac, plan, buys } = person;
    const payment = { method: 'cash', reference: `purchase ${buys}` };
    const reply = await this.#options.bus
      .call('turnpike', 'purchase', { mac, plan, payment, idempotency_key: `${mac}-${buys}-${tag}` })
      .catch((cause: Error) => ({ error: { code: cause.message } }));
    const { error, id } = (reply ?? {}) as { error?: { code: string }; id?: string };
    if (this.#over) return true;
    if (error) this.tally.errors[error.code] = (this.tally.errors[error.code] ?? 0) + 1;
    else this.#sold(person, String(id));
    return error === undefined;
  }

  #sold(person: Customer, id: string): void {
    this.tally.sold += 1;
    if (id === person.session) return;
    // What they have moved until now passed in an earlier session.
    person.session = id;
    person.servedBefore = this.#served(person);
    person.nextAt = Number.POSITIVE_INFINITY;
  }

  #closed(session: Table): void {
    if (this.#over) return;
    const cause = String(session.cause);
    this.tally.closed[cause] = (this.tally.closed[cause] ?? 0) + 1;
    const person = this.#people.get(String(session.mac));
    if (!person || person.session !== session.id) return;
    person.session = undefined;
    const granted = (session.granted as { bytes?: number }).bytes;
    const used = this.#served(person) - person.servedBefore;
    if (granted !== undefined) {
      this.tally.sessions.push({ cause, granted, overshoot: Math.max(0, used - granted) });
    }
    person.nextAt = this.#now + leastPauseMs + this.#options.random() * (mostPauseMs - leastPauseMs);
  }

  #served({ mac }: Customer): number {
    const { up, down } = this.#options.portal.served(mac);
    return up + down;
  }
}
