import type { Mac } from './mac.js';

/** A gate that a session has left, as the snapshot keeps it. */
export interface PlainLeftGate {
  readonly gateway: string;
  readonly mac: Mac;
}

/**
 * Gates that may be open for nobody: the device's session has gone to another portal, and this one did not answer. They
 * are kept because no session leads to them any more.
 */
export class LeftGates {
  readonly #gates = new Map<string, Set<Mac>>();

  constructor(plain: readonly PlainLeftGate[] = []) {
    for (const { gateway, mac } of plain) this.note(gateway, mac, false);
  }

  has(gateway: string, mac: Mac): boolean {
    return this.#gates.get(gateway)?.has(mac) ?? false;
  }

  /** The devices whose gates at this portal are to be shut. */
  of(gateway: string): Mac[] {
    return [...(this.#gates.get(gateway) ?? [])];
  }

  /** The gate has been left, or has been seen shut since. */
  note(gateway: string, mac: Mac, isShut: boolean): void {
    const macs = this.#gates.get(gateway) ?? new Set();
    if (isShut) macs.delete(mac);
    else macs.add(mac);
    if (macs.size === 0) this.#gates.delete(gateway);
    else this.#gates.set(gateway, macs);
  }

  toPlain(): { readonly left?: readonly PlainLeftGate[] } {
    const left = [...this.#gates].flatMap(([gateway, macs]) => [...macs].map((mac) => ({ gateway, mac })));
    return left.length > 0 ? { left } : {};
  }
}
