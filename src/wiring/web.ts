import type { Service } from '../api/service.js';
import type { Clock } from '../ports/clock.js';
import type { Log } from '../ports/log.js';
import type { Premises } from '../ports/premises.js';
import type { Device, WebSite } from '../ports/web.js';
import type { ListenAt } from '../web/listener.js';
import { Neighbours } from '../web/neighbours.js';
import { WebServer } from '../web/server.js';
import type { Members } from './members.js';
import { usualPagePort } from './page-port.js';
import type { Config } from './schema.js';
import { webFeatures } from './web-features.js';

/** Whose address it is; undefined for one that is no customer's. */
export type DeviceFinder = (address: string) => Promise<Device | undefined>;

/** What the customers' server is made of. */
export interface WebParts {
  readonly clock: Clock;
  readonly log: Log;
  /** The engine, as ubus asks for it. Called when a request comes. */
  readonly service: () => Service;
  readonly members: Pick<Members, 'payments' | 'authorizers'>;
  /** Payment methods that are logins at a server which is at work. */
  readonly logins: () => readonly string[];
  readonly premises: () => readonly Premises[];
  readonly devices: DeviceFinder | undefined;
}

/** The customers' server with every feature that is configured. What fails in it is logged, and stops nothing else. */
export class Web {
  readonly #parts: WebParts;
  readonly #server: WebServer;

  constructor(parts: WebParts) {
    this.#parts = parts;
    const { clock, log } = parts;
    this.#server = new WebServer({ clock, log, deviceAt: parts.devices ?? finderOf(parts) });
  }

  /** Serves what is configured now; never rejects. */
  async apply(config: Config): Promise<void> {
    try {
      const at = placesOf(config);
      const names = () => this.#server.names;
      const wanted = at.length === 0 ? [] : webFeatures;
      const built = wanted.map((feature) => this.#built(async () => feature(config, this.#parts, names)));
      const sites = await Promise.all(built);
      const { certificate, key } = config.web ?? {};
      await this.#server.apply({
        ...{ at, sites: sites.filter((site) => site !== undefined) },
        ...(certificate !== undefined && key !== undefined && { certificate: { certificate, key } }),
      });
    } catch (cause) {
      this.#parts.log('error', `page: ${cause instanceof Error ? cause.stack : cause}`);
    }
  }

  stop(): Promise<void> {
    return this.#server.stop();
  }

  /** What one feature adds; nothing of one that cannot be built, and the others are there. */
  async #built(build: () => Promise<WebSite | undefined>): Promise<WebSite | undefined> {
    try {
      return await build();
    } catch (cause) {
      this.#parts.log('error', `page: ${cause instanceof Error ? cause.stack : cause}`);
      return undefined;
    }
  }
}

/** Where the page is; nowhere when it is switched off, or nobody said where. */
export function placesOf({ main, web }: Pick<Config, 'main' | 'web'>): ListenAt[] {
  if (!web) return [];
  const { listen } = web;
  if (listen.length > 0) {
    return listen.map(({ host, port }) => ({ host, port: port ?? main.pagePort ?? usualPagePort }));
  }
  return main.pagePort === undefined ? [] : [{ port: main.pagePort }];
}

/** Asks the kernel. A device on an interface that is no portal's is no customer's. */
function finderOf({ clock, premises }: Pick<WebParts, 'clock' | 'premises'>): DeviceFinder {
  const neighbours = new Neighbours(clock);
  return async (address) => {
    const found = await neighbours.at(address);
    const place = found && premises().find(({ interfaces }) => interfaces.includes(found.interface));
    if (!place) return undefined;
    return { mac: found.mac, ...(place.portal !== undefined && { gateway: place.portal }) };
  };
}
