// A hub without sockets: its database is a file, its broker takes orders and lets tests speak for the routers.
import { createHmac } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { InjectOptions } from 'fastify';
import Stripe from 'stripe';
import { apply, type Heard } from '../../src/collector/ledger.js';
import { openSqlite } from '../../src/collector/sqlite.js';
import type { Broker, BrokerEvents } from '../../src/hub/broker.js';
import type { Hook, HubConfig } from '../../src/hub/config.js';
import { type Hub, startHub } from '../../src/hub/main.js';
import { TestClock } from '../rig/clock.js';
import { until } from '../rig/until.js';

export const secret = `whsec_${Buffer.from('a secret of twenty-four!').toString('base64')}`;
export const tokens = { see: 'a-token-that-may-see', order: 'a-token-that-may-order' };

export const stripeSecret = 'whsec_of_stripe_0001';
const cardHook: Hook = {
  ...{ takes: 'payments', signature: 'stripe', secrets: [stripeSecret], validForMs: 604_800_000 },
  currencies: new Map([['USD', 2]]),
};

/** An order as a router reads it. */
export interface Sent {
  readonly router: string;
  readonly order: { readonly command: string; readonly idempotency_key: string; readonly arguments: object };
  readonly expiryS: number;
}

/** Answers of the hub. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into it.
  readonly json: any;
}

export class Desk {
  readonly clock = new TestClock();
  readonly log: string[] = [];
  readonly sent: Sent[] = [];
  readonly online = new Map<string, number>();
  events!: BrokerEvents;
  #hub!: Hub;

  /** Starts a hub on a database in which a collector has written this. */
  async start(database: string, more: Partial<HubConfig> = {}): Promise<void> {
    const config: HubConfig = {
      ...{ listen: { host: '127.0.0.1', port: 0 }, database, trustProxy: 0, requestTimeoutMs: 10_000 },
      broker: { url: 'mqtt://127.0.0.1', prefix: 'turnpike', clientId: 'hub', protocol: 5 },
      hooks: new Map<string, Hook>([
        ['pc', { takes: 'logouts', secrets: [secret], validForMs: 600_000 }],
        ['card', cardHook],
      ]),
      tokens: (['see', 'order'] as const).map((role) => ({ name: role, role, token: tokens[role] })),
      ...{ webhooks: new Map(), offlineAfterSeconds: 120, rateLimit: { max: 10_000, windowMs: 60_000 } },
      ...more,
    };
    const broker: Broker = {
      isConnected: true,
      online: this.online,
      order: async (router, payload, expiryS) => {
        this.sent.push({ router, order: JSON.parse(payload.toString()) as Sent['order'], expiryS });
        return true;
      },
      stop: async () => {},
    };
    this.#hub = await startHub(config, {
      ...{ clock: this.clock, random: () => 0 },
      log: (level, text) => void this.log.push(`${level} ${text}`),
      connect: (_config, events) => {
        this.events = events;
        return broker;
      },
    });
  }

  get url(): string {
    return this.#hub.url;
  }

  stop(): Promise<void> {
    return this.#hub.stop();
  }

  /** A router comes, or comes back. */
  come(router: string): void {
    this.online.set(router, 0);
    this.events.standing(router, true);
    this.events.online(router);
  }

  /** A router goes, as its last will says. */
  go(router: string): void {
    this.online.delete(router);
    this.events.standing(router, false);
  }

  /** Orders to a router so far, when there are so many. */
  async orders(router: string, count: number): Promise<readonly Sent[]> {
    const those = () => this.sent.filter((one) => one.router === router);
    await until(
      `${count} orders to ${router}`,
      () => those().length >= count,
      () => this.sent,
    );
    return those();
  }

  /** Resolves when every order has this state, as `GET /orders` shows it. */
  async states(...expected: string[]): Promise<void> {
    let seen: unknown;
    const look = async () => {
      const { json } = await this.get('/orders');
      seen = (json.rows as { state: string }[]).map(({ state }) => state);
      return String(seen) === String(expected);
    };
    await until(`orders that are ${expected}`, look, () => seen);
  }

  /** Sends any request. */
  async ask(request: InjectOptions): Promise<Answer> {
    return answerOf(await this.#hub.inject(request));
  }

  async get(url: string, token: string = tokens.see): Promise<Answer> {
    return answerOf(await this.#hub.inject({ url, headers: { authorization: `Bearer ${token}` } }));
  }

  async post(url: string, payload: object, token: string): Promise<Answer> {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const body = JSON.stringify(payload);
    return answerOf(await this.#hub.inject({ method: 'POST', url, headers, payload: body }));
  }

  /** Stripe sends an event to the hook `card`, signed with its own package now unless something else is said. */
  async stripe(event: object, { at = this.clock.wall(), key = stripeSecret } = {}): Promise<Answer> {
    const payload = JSON.stringify(event);
    const timestamp = Math.floor(at / 1000);
    const signature = await Stripe.webhooks.generateTestHeaderStringAsync({
      payload,
      secret: key,
      timestamp,
    });
    const headers = { 'stripe-signature': signature, 'content-type': 'application/json' };
    return answerOf(await this.#hub.inject({ method: 'POST', url: '/hooks/card', headers, payload }));
  }

  /** Sends a message to the hook `pc`, signed now unless something else is said. */
  async hook(message: object, { id = 'msg_1', at = this.clock.wall(), key = secret } = {}): Promise<Answer> {
    const payload = JSON.stringify(message);
    const stamp = String(Math.floor(at / 1000));
    const signature = createHmac('sha256', Buffer.from(key.slice(6), 'base64'))
      .update(`${id}.${stamp}.${payload}`)
      .digest('base64');
    const headers = {
      ...{ 'webhook-id': id, 'webhook-timestamp': stamp, 'webhook-signature': `v1,${signature}` },
      'content-type': 'application/json',
    };
    return answerOf(await this.#hub.inject({ method: 'POST', url: '/hooks/pc', headers, payload }));
  }
}

export const otherSecret = `whsec_${Buffer.from('another one, of 24 bytes').toString('base64')}`;
export const logout = (user: string) => ({ type: 'user.logged_out', data: { user } });

/** A checkout of Stripe that is paid, for this number of an order. */
export const checkout = (number: string, over: object = {}) => ({
  id: 'evt_1',
  type: 'checkout.session.completed',
  data: {
    object: {
      ...{ object: 'checkout.session', payment_status: 'paid', amount_total: 200, currency: 'usd' },
      ...{ client_reference_id: number, payment_intent: 'pi_1', ...over },
    },
  },
});

/** Runs `work` at a hub on a database in which a collector has written what it heard. */
export async function withDesk(
  heard: readonly Heard[],
  work: (desk: Desk, database: string) => Promise<void>,
  more: Partial<HubConfig> = {},
): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), 'turnpike-hub-'));
  const file = join(dir, 'fleet.sqlite');
  const desk = new Desk();
  try {
    const database = await openSqlite(file);
    await apply(database, heard);
    await database.close();
    await desk.start(file, more);
    await work(desk, file);
  } finally {
    await desk.stop();
    rmSync(dir, { recursive: true });
  }
}

interface Injected {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly payload: string;
}

function answerOf({ statusCode: status, headers, payload: text }: Injected): Answer {
  const isJson = String(headers['content-type']).startsWith('application/json');
  return { status, headers, text, json: isJson ? JSON.parse(text) : undefined };
}
