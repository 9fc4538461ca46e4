// The customers' pages on an engine at work, with a portal that answers at once and time that tests turn.
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type RequestOptions, request } from 'node:http';
import { text } from 'node:stream/consumers';
import type { Service } from '../../src/api/service.js';
import type { Mac } from '../../src/domain/mac.js';
import { parsePrice } from '../../src/domain/money.js';
import type { Plan } from '../../src/domain/plan.js';
import { bytes, millis } from '../../src/domain/units.js';
import { OrderDesk } from '../../src/engine/order-desk.js';
import type { Settings } from '../../src/engine/parts.js';
import { cash } from '../../src/payments/cash/cash.js';
import type { PaymentMethod } from '../../src/ports/payment-method.js';
import type { Safe } from '../../src/ports/safe.js';
import { languageNames } from '../../src/web/locales.js';
import { WebServer } from '../../src/web/server.js';
import type { PageConfig } from '../../src/web/shop.js';
import { pagesSite } from '../../src/web/site.js';
import { serviceOf } from '../../src/wiring/service.js';
import { TestPortal } from '../engine/portal.js';
import { mac, plan, type World, world } from '../engine/world.js';
import { freeTcpPort } from '../rig/free-port.js';

/** What the shop sells. */
export const wares: readonly Plan[] = [
  plan('data', { title: 'Data, 10 MB a step', stepSize: 10_000_000, prices: [parsePrice('0.05 USD')!] }),
  plan('day', {
    ...{ title: 'One day or 1 GB', metric: 'time', stepSize: 86_400_000, maxSteps: 1 },
    ...{ prices: [parsePrice('2.00 USD')!], caps: { bytes: 1_000_000_000 as never }, downRate: 20_000 },
  }),
  plan('taste', {
    ...{ title: 'A taste', stepSize: 5_000_000, maxSteps: 1, prices: [parsePrice('0 USD')!] },
    free: { perDay: 1, total: 100 },
  }),
  plan('sats', { title: 'In tokens', stepSize: 10_000_000, prices: [parsePrice('21 SAT')!] }),
  plan('gift', { title: 'Not for sale', prices: [] }),
];

/** A method that customers use by themselves: it takes the code `good`. */
const token: PaymentMethod = {
  name: 'token',
  currencies: new Map([
    ['USD', 2],
    ['SAT', 0],
  ]),
  charge: async ({ payment }) =>
    payment.code === 'good'
      ? { ok: true, value: { reference: 'token 1' } }
      : { ok: false, code: 'payment_rejected', message: 'a bad code' },
};

/** Whose word it is that an order is paid: the tests'. */
const provider = {
  currencies: new Map([['USD', 2]]),
  ...{ windowTime: millis(300_000), windowData: bytes(5_000_000), windows: 20 },
};
/** An invoice: nobody can pay it. */
export const invoice = `lnbc1500n1${'pvjluezpp5'.repeat(25)}`;
const bill = async () => ({ ok: true as const, value: { request: invoice, until: Number.MAX_SAFE_INTEGER } });
/** The orders of a test end with it. */
const safe: Safe = { all: () => [], put: async () => {} };

export interface Stage {
  readonly w: World;
  readonly server: WebServer;
  /** What the daemon offers to owners. */
  readonly shop: Service;
  readonly origin: string;
  readonly port: number;
  readonly log: string[];
  /** Asks as the phone with this number: 127.0.0.N is the device `mac(N)`. */
  ask(phone: number, path: string, options?: RequestOptions): Promise<Answer>;
  /** Sends a form as that phone, as its browser would. */
  post(phone: number, path: string, fields: Readonly<Record<string, string>>): Promise<Answer>;
  end(): Promise<void>;
}

export interface Answer {
  readonly status: number;
  readonly location: string | undefined;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly body: string;
}

/** @param over of what the owner has set */
export async function stage(
  over: Partial<PageConfig> = {},
  settings: Partial<Settings> = {},
): Promise<Stage> {
  const methods = new Map<string, PaymentMethod>([
    ['cash', cash(new Map([['USD', 2]]))],
    ['token', token],
  ]);
  const { hooks = [] } = over;
  const offer = { plans: new Map(wares.map((one) => [one.id, one])), methods };
  const w = await world([new TestPortal('lan')], { offer, lostAfter: millis(0), ...settings });
  const log: string[] = [];
  const write = (level: string, line: string) => void log.push(`${level} ${line}`);
  const orders = new OrderDesk(
    w.engine,
    { commands: w.commands, vouchers: w.desk },
    safe,
    randomBytes,
    write,
  );
  orders.hooks = hooks.map((name) => ({
    ...{ ...provider, name },
    ...(name === 'lightning' && { bill }),
    ...(name === 'hub' && { router: 'cafe-north' }),
  }));
  for (const one of orders.methods) methods.set(one.name, one);
  w.engine.configure({ ...w.engine.settings, offer });
  const unused = () => Promise.reject(new Error('not for customers'));
  const service = serviceOf(w.engine, w.commands, w.desk, {
    ...{ status: () => ({}), reload: unused, setup: unused, testUpstream: unused },
    ...{ orders, log: write },
  } as never);
  const config: PageConfig = {
    ...{ accent: '#0b5fc0', languages: Object.keys(languageNames), logins: () => [], hooks },
    forms: { token: { fields: [{ name: 'code', kind: 'line' }] } },
    ...over,
  };
  const server = new WebServer({
    clock: w.clock,
    log: write,
    deviceAt: async (address) => {
      const number = Number(address.split('.')[3]);
      return number > 200 ? undefined : { mac: mac(number), gateway: 'lan' };
    },
  });
  const port = await freeTcpPort();
  await server.apply({ at: [{ port }], sites: [pagesSite(config, service)] });
  const origin = `http://127.0.0.1:${port}`;
  const ask: Stage['ask'] = async (phone, path, options = {}) => {
    const from = { host: '127.0.0.1', port, localAddress: `127.0.0.${phone}`, agent: false as const, path };
    const { body, ...rest } = options as RequestOptions & { body?: string };
    const asked = request({ ...from, ...rest }).on('error', () => {});
    asked.end(body);
    const [response] = await once(asked, 'response');
    const { statusCode: status, headers } = response;
    return { status, headers, location: headers.location, body: await text(response) };
  };
  return {
    ...{ w, server, shop: service, origin, port, log, ask },
    post(phone, path, fields) {
      const type = { 'Content-Type': 'application/x-www-form-urlencoded' };
      const headers = { ...type, Origin: origin, 'Sec-Fetch-Site': 'same-origin' };
      const body = String(new URLSearchParams(fields));
      return ask(phone, path, { method: 'POST', headers, body } as RequestOptions);
    },
    end: () => server.stop(),
  };
}

/** A device that has joined the WiFi. */
export async function join({ w }: Stage, phone: number): Promise<Mac> {
  w.portal.join(mac(phone));
  await w.clock.pass(1_001);
  return mac(phone);
}

/** The value of a hidden or visible field of the first form that has it. */
export function fieldOf(body: string, name: string): string {
  return new RegExp(`name="${name}" value="([^"]*)"`).exec(body)?.[1] ?? '';
}
