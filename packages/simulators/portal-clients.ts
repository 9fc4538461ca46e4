import type { Mac } from '../../src/domain/mac.js';
import type { SimClient } from './portal-client.js';

/** The clients that a portal knows, in the order in which they came. A device may have several, by its addresses. */
export class PortalClients {
  readonly #all = new Set<SimClient>();
  readonly #ofMac = new Map<Mac, SimClient[]>();

  get size(): number {
    return this.#all.size;
  }

  [Symbol.iterator](): Iterator<SimClient> {
    return this.#all.values();
  }

  ofMac(mac: Mac): readonly SimClient[] {
    return this.#ofMac.get(mac) ?? [];
  }

  /** By MAC the first of several, by address or token the one. */
  find(name: string): SimClient | undefined {
    const [first] = this.ofMac(name as Mac);
    if (first) return first;
    for (const client of this.#all) if (client.ip === name || client.token === name) return client;
    return undefined;
  }

  add(client: SimClient): void {
    this.#all.add(client);
    this.#ofMac.set(client.mac, [...this.ofMac(client.mac), client]);
  }

  delete(client: SimClient): void {
    this.#all.delete(client);
    const others = this.ofMac(client.mac).filter((one) => one !== client);
    if (others.length > 0) this.#ofMac.set(client.mac, others);
    else this.#ofMac.delete(client.mac);
  }
}
