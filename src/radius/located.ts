import type { Nas } from './nas.js';
import { addressTowards } from './route.js';
import type { Endpoint } from './section.js';

/**
 * This router as its servers know it. Its address towards them is looked for whenever it is needed, until there is a way
 * to one of them: at boot there may be neither DNS nor a route. Once it is known it stays, for servers tell sessions
 * apart by it.
 */
export class LocatedNas implements Nas {
  readonly identifier: string;
  readonly #servers: readonly Endpoint[];
  readonly #find: typeof addressTowards;
  #address: string | undefined;
  #looking: Promise<void> | undefined;

  /** `address`: as it is configured. `find` looks for it without. */
  constructor(
    identifier: string,
    address: string | undefined,
    servers: readonly Endpoint[],
    find = addressTowards,
  ) {
    this.identifier = identifier;
    this.#address = address;
    this.#servers = servers;
    this.#find = find;
  }

  /** Undefined as long as there was no way to any server. */
  get address(): string | undefined {
    return this.#address;
  }

  /** Resolves when the address is known, or cannot be found out now. Never rejects. */
  locate(): Promise<void> {
    if (this.#address !== undefined) return Promise.resolve();
    this.#looking ??= this.#look().finally(() => {
      this.#looking = undefined;
    });
    return this.#looking;
  }

  async #look(): Promise<void> {
    const found = await Promise.all(this.#servers.map((server) => this.#find(server)));
    this.#address = found.find((address) => address !== undefined);
  }
}
