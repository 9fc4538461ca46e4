import type { Mac } from '../domain/mac.js';
import type { Clock } from '../ports/clock.js';

/** A code lives this long after it was asked for last, in ms. */
const lifeMs = 10 * 60_000;
/** An old code names nobody for this long, in ms: a cashier who types it late must not sell to another device. */
const restMs = 10 * 60_000;
/** Codes that are kept, those at rest with them. The one that was asked for longest ago goes first. */
const mostCodes = 2_000;
/** With more codes than this they have five digits: one that is mistyped should name nobody. */
const mostShort = 400;

interface Entry {
  readonly mac: Mac;
  /** Monotonic time, in ms, up to which it names the device. */
  until: number;
}

/** Short codes by which customers show a cashier which device is theirs. They give no right to anything. */
export class TillCodes {
  readonly #clock: Clock;
  readonly #random: (bytes: number) => Uint8Array;
  /** In the order in which they were asked for. */
  readonly #entries = new Map<string, Entry>();
  readonly #ofMac = new Map<Mac, string>();

  constructor(clock: Clock, random: (bytes: number) => Uint8Array) {
    this.#clock = clock;
    this.#random = random;
  }

  /** The device's code: the same one as long as it is asked for. `lives`: for so long at the least, in ms. */
  of(mac: Mac): { readonly code: string; readonly lives: number } {
    this.#clear();
    const known = this.known(mac);
    const code = known ?? this.#unused();
    this.#entries.delete(code);
    this.#entries.set(code, { mac, until: this.#clock.mono() + lifeMs });
    this.#ofMac.set(mac, code);
    return { code, lives: lifeMs };
  }

  /** The device that a code names now. */
  find(code: string): Mac | undefined {
    const entry = this.#entries.get(code);
    return entry && this.#clock.mono() < entry.until ? entry.mac : undefined;
  }

  /** The code that names a device now, without asking for one. */
  known(mac: Mac): string | undefined {
    const code = this.#ofMac.get(mac);
    return code !== undefined && this.find(code) === mac ? code : undefined;
  }

  #clear(): void {
    const now = this.#clock.mono();
    for (const [code, { mac, until }] of this.#entries) {
      // What follows was asked for later.
      if (now < until + restMs && this.#entries.size < mostCodes) break;
      this.#entries.delete(code);
      if (this.#ofMac.get(mac) === code) this.#ofMac.delete(mac);
    }
  }

  /** Never one that begins with 0: people leave that out. */
  #unused(): string {
    for (;;) {
      const least = this.#entries.size < mostShort ? 1_000 : 10_000;
      const [a, b, c, d] = this.#random(4) as Uint8Array & [number, number, number, number];
      const drawn = (((a * 256 + b) * 256 + c) * 256 + d) % (9 * least);
      const code = String(least + drawn);
      if (!this.#entries.has(code)) return code;
    }
  }
}
