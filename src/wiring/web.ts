import type { Service } from '../api/service.js';
import type { Clock } from '../ports/clock.js';
import type { Log } from '../ports/log.js';
import type { Premises } from '../ports/premises.js';
import type { Device } from '../ports/web.js';
import type { ListenAt } from '../web/listener.js';
import type { Members } from './members.js';
import { usualPagePort } from './page-port.js';
import type { PageServer } from './page-server.js';
import type { Config } from './schema.js';

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

/** The customers' server, which is loaded when it is configured. It is of no account to sales. */
export class Web {
  readonly #parts: WebParts;
  #server: PageServer | undefined;

  constructor(parts: WebParts) {
    this.#parts = parts;
  }

  /** Serves what is configured now; never rejects. */
  async apply(config: Config): Promise<void> {
    const at = placesOf(config);
    if (at.length > 0) this.#server ??= await this.#load();
    await this.#server?.apply(config, at);
  }

  async stop(): Promise<void> {
    await this.#server?.stop();
  }

  /** Nothing where its file cannot be loaded: an upgrade has taken it away, and the next start has its own. */
  async #load(): Promise<PageServer | undefined> {
    try {
      const { PageServer } = await import('./page-server.js');
      return new PageServer(this.#parts);
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
