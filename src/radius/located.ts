import type { Nas } from './nas.js';
import { addressTowards } from './route.js';
import type { Endpoint } from './section.js';

/**
 * This router as its servers know it. The router looks for its address towards them each time it needs the address,
 * until there is a route to one of the servers: at boot there may be neither DNS nor a route. Once found, the address
 * stays, because servers tell sessions apart by it.
 */
export class LocatedNas implements Nas {
  readonly identifier: string;
  readonly calledStation: string | undefined;
  readonly operator: string | undefined;
  readonly #servers: readonly Endpoint[];
  readonly #find: typeof addressTowards;
  #address: string | undefined;
  #looking: Promise<void> | undefined;

  /** `address`, `said`: the configured ones. Without an address, `find` looks for it. */
  constructor(
    identifier: string,
    address: string | undefined,
    servers: readonly Endpoint[],
    find = addressTowards,
    said: Pick<Nas, 'calledStation' | 'operator'> = {},
  ) {
    this.calledStation = said.calledStation;
    this.operator = said.operator;
    this.identifier = identifier;
    this.#address = address;
    this.#servers = servers;
    this.#find = find;
  }

  /** Undefined until there was a route to one of the servers. */
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
