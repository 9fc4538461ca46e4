import type { WebSite } from '../ports/web.js';
import type { ListenAt } from '../web/listener.js';
import { Neighbours } from '../web/neighbours.js';
import { WebServer } from '../web/server.js';
import type { Config } from './schema.js';
import type { DeviceFinder, WebParts } from './web.js';
import { webFeatures } from './web-features.js';

/** The customers' server with every feature that is configured. What fails in it is logged, and stops nothing else. */
export class PageServer {
  readonly #parts: WebParts;
  readonly #server: WebServer;

  constructor(parts: WebParts) {
    this.#parts = parts;
    const { clock, log } = parts;
    this.#server = new WebServer({ clock, log, deviceAt: parts.devices ?? finderOf(parts) });
  }

  /** Serves what is configured now, at these addresses; never rejects. */
  async apply(config: Config, at: readonly ListenAt[]): Promise<void> {
    try {
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
