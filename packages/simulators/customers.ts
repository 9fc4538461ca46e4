import type { Table, UbusClient } from 'openwrt-ubus';
import type { Mac } from '../../src/domain/mac.js';
import type { SimulatedPortal } from './portal.js';

/** Bytes that a session moved beyond what it had bought, by the portal's own count. */
export interface Closed {
  readonly cause: string;
  readonly granted: number;
  readonly overshoot: number;
}

interface Customer {
  readonly mac: Mac;
  readonly ip: string;
  /** Bytes a second while the gate is open. */
  rate: number;
  /** Share of it that goes up. */
  upShare: number;
  plan: string;
  /** Monotonic time of the next purchase; infinite while a session runs. */
  nextAt: number;
  /** His session that has not ended, if there is one. */
  session: string | undefined;
  /** What had passed the gate when that was bought. */
  servedBefore: number;
  buys: number;
}

/** What the simulated customers did, for the summary. */
export interface Tally {
  sold: number;
  readonly closed: Record<string, number>;
  readonly sessions: Closed[];
  readonly errors: Record<string, number>;
}

const plans = ['small', 'large', 'minute', 'mixed'];
const oneInThreeTopsUp = 1 / 3;

/** People with phones: they come, pay, move bytes, sometimes buy more before they run out, and come back. */
export class Customers {
  readonly tally: Tally = { sold: 0, closed: {}, sessions: [], errors: {} };
  readonly #portal: SimulatedPortal;
  readonly #bus: UbusClient;
  readonly #random: () => number;
  readonly #people = new Map<string, Customer>();
  #over = false;

  constructor(count: number, portal: SimulatedPortal, bus: UbusClient, random: () => number) {
    this.#portal = portal;
    this.#bus = bus;
    this.#random = random;
    for (let i = 0; i < count; i++) this.#arrive(i);
  }

  /** What happens from now on is not counted: the demo is being taken down. */
  end(): void {
    this.#over = true;
  }

  /** Listens for what happens to their sessions. */
  async begin(): Promise<void> {
    await this.#bus.subscribe('turnpike', (type, data) => {
      if (type === 'session.closed') this.#closed(data);
      else if (type === 'session.low' && this.#random() < oneInThreeTopsUp) this.#topUp(data);
    });
  }

  /** Lets `ms` of traffic pass and those buy whose time has come. `now` in ms, monotonic. */
  tick(now: number, ms: number): void {
    for (const person of this.#people.values()) {
      const moved = (person.rate * ms) / 1000;
      const up = Math.round(moved * person.upShare);
      this.#portal.carry(person.mac, up, Math.round(moved) - up);
      if (now >= person.nextAt) void this.#buy(person);
    }
  }

  #arrive(i: number): void {
    const hex = i.toString(16).padStart(4, '0');
    const mac = `02:77:00:00:${hex.slice(0, 2)}:${hex.slice(2)}` as Mac;
    this.#people.set(mac, {
      mac,
      ip: `10.${77 + (i >> 16)}.${(i >> 8) & 255}.${i & 255}`,
      rate: 0,
      upShare: 0,
      plan: '',
      nextAt: this.#random() * 2000,
      session: undefined,
      servedBefore: 0,
      buys: 0,
    });
  }

  async #buy(person: Customer): Promise<void> {
    person.nextAt = Number.POSITIVE_INFINITY;
    person.buys += 1;
    person.plan = plans[Math.floor(this.#random() * plans.length)]!;
    person.rate = 125_000 * (1 + this.#random() * 79);
    person.upShare = this.#random() * 0.3;
    this.#portal.join(person.mac, person.ip);
    const ok = await this.#purchase(person, 'first');
    if (!ok) person.nextAt = performance.now() + 2000;
  }

  #topUp(session: Table): void {
    const person = this.#people.get(String(session.mac));
    if (person) void this.#purchase(person, `more-${this.tally.sold}`);
  }

  async #purchase(person: Customer, tag: string): Promise<boolean> {
    const reply = await this.#bus
      .call('turnpike', 'purchase', {
        mac: person.mac,
        plan: person.plan,
        payment: { method: 'cash', reference: `demo till ${person.buys}` },
        idempotency_key: `${person.mac}-${person.buys}-${tag}`,
      })
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
    // A new session: what he has moved until now was another's, or nobody's.
    person.session = id;
    person.servedBefore = this.#served(person);
    person.nextAt = Number.POSITIVE_INFINITY;
  }

  #closed(session: Table): void {
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
    person.nextAt = performance.now() + 500 + this.#random() * 3000;
  }

  #served({ mac }: Customer): number {
    const { up, down } = this.#portal.served(mac);
    return up + down;
  }
}
