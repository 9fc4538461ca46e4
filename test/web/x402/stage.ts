// The routes of x402 on an engine at work, with the real server, a chain that does what the test wants, and time that it turns.
import { once } from 'node:events';
import { type RequestOptions, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { viewPlan, viewSession } from '../../../src/api/view.js';
import type { DepositScheme } from '../../../src/ports/deposit-scheme.js';
import { WebServer } from '../../../src/web/server.js';
import { x402Site } from '../../../src/web/x402/site.js';
import { serviceOf } from '../../../src/wiring/service.js';
import { mac, type World } from '../../engine/world.js';
import { freeTcpPort } from '../../rig/free-port.js';
import { until } from '../../rig/until.js';

export interface Answer {
  readonly status: number;
  readonly headers: NodeJS.Dict<string | string[]>;
  // biome-ignore lint/suspicious/noExplicitAny: the JSON of an answer, which the test looks into.
  readonly body: any;
}

/** A router that sells to wallets over HTTP: 127.0.0.N is the device `mac(N)`. */
export class Stall {
  readonly w: World;
  readonly server: WebServer;
  readonly log: string[] = [];
  port = 0;
  /** Requests of which the server has asked whose they are. */
  arrived = 0;

  private constructor(w: World) {
    this.w = w;
    this.server = new WebServer({
      clock: w.clock,
      log: (level, line) => this.log.push(`${level} ${line}`),
      deviceAt: async (address) => {
        this.arrived += 1;
        const number = Number(address.split('.')[3]);
        return number > 200 ? undefined : { mac: mac(number), gateway: 'lan' };
      },
    });
  }

  /** @param w whose deposits are held by `w.backends` */
  static async open(w: World): Promise<Stall> {
    const stall = new Stall(w);
    stall.port = await freeTcpPort();
    await stall.serve();
    return stall;
  }

  /** Serves with the engine that is at work now, as after a start. */
  async serve(): Promise<void> {
    const { engine, commands, desk, backends } = this.w;
    const { offer } = engine.settings;
    const ways = new Map(backends.map((backend) => [backend.name, methodOf(backend)]));
    engine.configure({
      ...engine.settings,
      offer: { ...offer, methods: new Map([...offer.methods, ...ways]) },
    });
    const service = serviceOf(engine, commands, desk, {} as never);
    const sites = [x402Site(service, { plan: viewPlan, session: viewSession })];
    await this.server.apply({ at: [{ port: this.port }], sites });
  }

  get origin(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  async ask(phone: number, path: string, options: RequestOptions = {}): Promise<Answer> {
    const asked = this.begin(phone, path, options);
    const [response] = await once(asked, 'response');
    const { statusCode: status, headers } = response;
    const body = await text(response);
    return { status, headers, body: body.startsWith('{') ? JSON.parse(body) : body };
  }

  /** A request whose answer the caller may leave alone. */
  begin(phone: number, path: string, options: RequestOptions = {}) {
    const from = {
      host: '127.0.0.1',
      port: this.port,
      localAddress: `127.0.0.${phone}`,
      agent: false as const,
    };
    const asked = request({ ...from, path, ...options }).on('error', () => {});
    asked.end();
    return asked;
  }

  /** The repeat of a request, with a payment. */
  pay(phone: number, path: string, header: string): Promise<Answer> {
    return this.ask(phone, path, { headers: { 'PAYMENT-SIGNATURE': header } });
  }

  /**
   * Waits for what a wallet bought. Time passes only where a slow machine left open what became of a request: the router
   * asks again then.
   * @param requests made so far to bring payments onto the chain
   */
  async patiently<T>(bought: Promise<T>, requests: () => number): Promise<T> {
    const passedAt = new Set<number>();
    let isDone = false;
    const done = () => {
      isDone = true;
    };
    bought.then(done, done);
    await until('the wallet has its answer', async () => {
      const deposit = [...this.w.engine.accounts.book.deposits.all()].at(-1);
      const made = requests();
      if (deposit?.state === 'open-unknown' && !passedAt.has(made)) {
        passedAt.add(made);
        await this.w.clock.pass(2000);
      }
      return isDone;
    });
    return bought;
  }

  end(): Promise<void> {
    return this.server.stop();
  }
}

export function methodOf(backend: DepositScheme) {
  const { name, currency, decimals } = backend;
  return {
    ...{ name, currencies: new Map([[currency, decimals]]) },
    get isReady() {
      return backend.isReady ?? true;
    },
    requirements: (wares: Parameters<DepositScheme['requirements']>[0]) => backend.requirements(wares),
  };
}

/** What stands in a header of x402. */
export function read(answer: Answer, header: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(String(answer.headers[header]), 'base64').toString());
}
