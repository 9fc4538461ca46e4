import type { Mac } from '../domain/mac.js';
import type { Reading } from '../domain/reading.js';

/** A device that moved to another address is silent on the old one; bytes on both within this time are two devices. */
const windowMs = 60_000;

/** Turns in traffic between the addresses of one device. */
interface Trace {
  ip: string;
  at: number;
  /** The address before, and when it last moved a byte. */
  other: { readonly ip: string; readonly at: number } | undefined;
}

/**
 * Finds two devices behind one MAC: an address that goes on after another one of the same MAC has begun.
 *
 * A thief who takes over the address as well cannot be told from the customer by what a portal says.
 */
export class Doubles {
  readonly #traces = new Map<Mac, Trace>();

  /** Takes in what moved. @returns the MACs that are on two devices. `now` is monotonic, in ms. */
  note(readings: readonly Reading[], now: number): Mac[] {
    const found = new Set<Mac>();
    for (const { mac, ip, up, down, gone } of readings) {
      // A device that has left with all its addresses is not two any more; one that has moved is seen again.
      if (gone) this.#traces.delete(mac);
      if (gone || up + down === 0) continue;
      if (this.#moved(mac, ip, now)) found.add(mac);
    }
    return [...found];
  }

  forget(mac: Mac): void {
    this.#traces.delete(mac);
  }

  #moved(mac: Mac, ip: string, now: number): boolean {
    const trace = this.#traces.get(mac);
    if (!trace) this.#traces.set(mac, { ip, at: now, other: undefined });
    if (!trace || trace.ip === ip) {
      if (trace) trace.at = now;
      return false;
    }
    const { other } = trace;
    const back = other?.ip === ip && now - other.at < windowMs && now - trace.at < windowMs;
    this.#traces.set(mac, { ip, at: now, other: { ip: trace.ip, at: trace.at } });
    return back;
  }
}
