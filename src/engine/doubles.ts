import type { Mac } from '../domain/mac.js';
import type { Reading } from '../domain/reading.js';

/** An address from which nothing came for this long, in ms, is out of use. */
const windowMs = 60_000;

/** When an address was first and last seen to send, without a long silence in between: times of polls, in ms. */
interface Trace {
  first: number;
  last: number;
}

/**
 * Finds two devices behind one MAC: two of its addresses send, and a single change of address does not
 * explain it.
 *
 * Traffic to an address is no evidence, for servers go on sending to an address that a device has left. The
 * order within a poll is unknown and is no evidence either. If a thief takes over the address as well, a
 * portal's figures cannot tell the thief from the customer.
 */
export class Doubles {
  readonly #traces = new Map<Mac, Map<string, Trace>>();

  /** Takes in a poll. @returns the MACs that are on two devices. `now` is monotonic, in ms. */
  note(readings: readonly Reading[], now: number): Mac[] {
    const senders = new Set<Mac>();
    for (const { mac, ip, up, gone } of readings) {
      // A device that has left an address for good is not two.
      if (gone) this.#left(mac, ip);
      else if (up > 0) {
        this.#sent(mac, ip, now);
        senders.add(mac);
      }
    }
    return [...senders].filter((mac) => this.#overlap(mac));
  }

  forget(mac: Mac): void {
    this.#traces.delete(mac);
  }

  #sent(mac: Mac, ip: string, now: number): void {
    const traces = this.#traces.get(mac) ?? new Map<string, Trace>();
    this.#traces.set(mac, traces);
    for (const [address, { last }] of traces) if (now - last >= windowMs) traces.delete(address);
    const trace = traces.get(ip);
    if (trace) trace.last = now;
    else traces.set(ip, { first: now, last: now });
  }

  #left(mac: Mac, ip: string): void {
    const traces = this.#traces.get(mac);
    traces?.delete(ip);
    if (traces?.size === 0) this.#traces.delete(mac);
  }

  /** Each of two addresses sent in a poll after one in which the other did. */
  #overlap(mac: Mac): boolean {
    const traces = [...(this.#traces.get(mac)?.values() ?? [])];
    return traces.some((a, i) => traces.slice(i + 1).some((b) => a.first < b.last && b.first < a.last));
  }
}
