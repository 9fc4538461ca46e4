import type { Mac } from '../domain/mac.js';
import { isUsable } from '../domain/session.js';
import type { Engine } from './engine.js';

/** Who has asked for the order within this time is still there, in ms. */
const hereMs = 180_000;

/** Who waits for what they have ordered, as far as the router can see. */
export class Askers {
  readonly #engine: Engine;
  /** When each order was last asked for, monotonic, in ms. */
  readonly #asked = new Map<string, number>();

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** Somebody looks at this order. */
  note(id: string): void {
    this.#asked.set(id, this.#engine.clock.mono());
  }

  forget(id: string): void {
    this.#asked.delete(id);
  }

  /** The customer of an order is there: they ask for it, a portal lists their device, or it has access. */
  isHere({ id, mac }: { readonly id: string; readonly mac: Mac }): boolean {
    const asked = this.#asked.get(id);
    const isAsking = asked !== undefined && this.#engine.clock.mono() - asked < hereMs;
    return isAsking || this.#isListed(mac) || this.#engine.accounts.book.runningOfMac(mac).some(isUsable);
  }

  #isListed(mac: Mac): boolean {
    const portals = [...this.#engine.settings.gateways];
    return portals.some((gateway) => (this.#engine.addressesOf({ gateway, mac })?.length ?? 0) > 0);
  }
}
