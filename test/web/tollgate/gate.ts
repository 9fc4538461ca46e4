// TollGate's protocol on an engine that sells for tokens of the mint in this process; 127.0.0.N is the device `mac(N)`.
import { once } from 'node:events';
import { type IncomingHttpHeaders, type RequestOptions, request } from 'node:http';
import { text } from 'node:stream/consumers';
import type { Device } from '../../../src/ports/web.js';
import { WebServer } from '../../../src/web/server.js';
import { type Event, Identity } from '../../../src/web/tollgate/event.js';
import { tollgateSite } from '../../../src/web/tollgate/site.js';
import { serviceOf } from '../../../src/wiring/service.js';
import { mac } from '../../engine/world.js';
import { mintAt } from '../../payments/cashu/coins.js';
import { CashuShop } from '../../payments/cashu/shop.js';
import { freeTcpPort } from '../../rig/free-port.js';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export class Gate {
  readonly shop: CashuShop;
  readonly server: WebServer;
  readonly port: number;
  plan = 'sats';

  private constructor(shop: CashuShop, port: number) {
    this.shop = shop;
    this.port = port;
    this.server = new WebServer({
      clock: shop.world.clock,
      log: () => {},
      deviceAt: async (address): Promise<Device | undefined> => {
        const number = Number(address.split('.')[3]);
        return number > 200 ? undefined : { mac: mac(number), gateway: 'lan' };
      },
    });
  }

  static async open(): Promise<Gate> {
    const gate = new Gate(await CashuShop.open(), await freeTcpPort());
    await gate.serve();
    return gate;
  }

  /** Serves with the engine that is at work now. */
  async serve(): Promise<void> {
    const { engine, commands, desk } = this.shop.world;
    const mints = [{ url: mintAt, unit: 'sat', currency: 'SAT', decimals: 0 }];
    const offer = { plan: this.plan, mints, identity: new Identity(Buffer.alloc(32, 7)), port: this.port };
    const site = tollgateSite(offer, serviceOf(engine, commands, desk, {} as never));
    await this.server.apply({ at: [{ host: '127.0.0.1', port: this.port }], sites: [{ ...site }] });
  }

  async ask(path: string, { phone = 1, body = '', ...rest }: Asked = {}): Promise<Answer> {
    const from = { host: '127.0.0.1', port: this.port, localAddress: `127.0.0.${phone}`, path };
    const asked = request({ ...from, agent: false, ...rest });
    asked.end(body);
    const [response] = await once(asked, 'response');
    return { status: response.statusCode, headers: response.headers, body: await text(response) };
  }

  /** As `curl -d` of the specification. */
  pay(body: string, more: Asked = {}): Promise<Answer> {
    const headers = { 'Content-Type': 'application/x-www-form-urlencoded', ...more.headers };
    return this.ask('/', { ...more, method: 'POST', body, headers });
  }

  end(): Promise<void> {
    return this.server.stop();
  }
}

type Asked = RequestOptions & { readonly phone?: number; readonly body?: string };

export function eventIn({ body }: Answer): Event {
  return JSON.parse(body) as Event;
}

/** The rest of the first tag of that name. */
export function tagOf({ tags }: Event, name: string): readonly string[] | undefined {
  return tags.find(([is]) => is === name)?.slice(1);
}
