import type { SimulatedPortal } from '../../packages/simulators/portal.js';
import type { Mac } from '../../src/domain/mac.js';
import { type Random, whole } from '../rig/random.js';

const tickMs = 20;
/** How far back {@link Traffic.since} can look. */
const keptMs = 5_000;

interface Device {
  readonly mac: Mac;
  readonly ip: string;
  /** Monotonic time and what had been served by then, the oldest first. */
  readonly history: { readonly at: number; readonly served: number }[];
  /** When its gate was last found shut after it had been open; never yet: 0. */
  shutAt: number;
  wasOpen: boolean;
  /** Milliseconds with an open gate, and those of them with a daemon that was up. */
  openMs: number;
  watchedMs: number;
}

/**
 * Devices that move bytes through their gates, in whole units of the portal's counters, so that sums are exact.
 *
 * It knows what each device really moved, whatever the daemon says.
 */
export class Traffic {
  /** Nobody moves anything while this is set. */
  paused = false;
  /** The daemon is there. */
  watched = false;
  readonly #portal: SimulatedPortal;
  readonly #random: Random;
  readonly #devices = new Map<Mac, Device>();
  readonly #timer: NodeJS.Timeout;
  #last = performance.now();

  constructor(portal: SimulatedPortal, macs: readonly Mac[], random: Random) {
    this.#portal = portal;
    this.#random = random;
    macs.forEach((mac, i) => {
      const ip = `10.90.${i >> 8}.${(i & 255) + 1}`;
      const times = { shutAt: 0, openMs: 0, watchedMs: 0 };
      this.#devices.set(mac, { mac, ip, history: [], wasOpen: false, ...times });
    });
    this.#timer = setInterval(() => this.#tick(), tickMs);
  }

  end(): void {
    clearInterval(this.#timer);
  }

  /** The device makes a request that the portal sees. */
  join(mac: Mac): void {
    this.#portal.join(mac, this.#devices.get(mac)!.ip);
  }

  served(mac: Mac): number {
    const { up, down } = this.#portal.served(mac);
    return up + down;
  }

  /** What the device moved in the last `ms`. */
  since(mac: Mac, ms: number): number {
    const from = performance.now() - ms;
    const before = this.#devices.get(mac)!.history.findLast((h) => h.at <= from);
    return this.served(mac) - (before?.served ?? 0);
  }

  /** The gate was shut within the last `ms`, or is about to be counted so. */
  shutWithin(mac: Mac, ms: number): boolean {
    const { shutAt, wasOpen } = this.#devices.get(mac)!;
    const isShut = !this.#portal.isOpen(mac);
    return (wasOpen && isShut) || (shutAt > 0 && shutAt >= performance.now() - ms);
  }

  /** For how long the gate was open, and for how much of it the daemon was there. */
  times(mac: Mac): { readonly openMs: number; readonly watchedMs: number } {
    return this.#devices.get(mac)!;
  }

  #tick(): void {
    const now = performance.now();
    const span = now - this.#last;
    this.#last = now;
    for (const device of this.#devices.values()) {
      const isOpen = this.#portal.isOpen(device.mac);
      if (device.wasOpen && !isOpen) device.shutAt = now;
      if (device.wasOpen && isOpen) {
        device.openMs += span;
        if (this.watched) device.watchedMs += span;
      }
      device.wasOpen = isOpen;
      if (isOpen && !this.paused) this.#move(device.mac);
      this.#remember(device, now);
    }
  }

  #move(mac: Mac): void {
    const unit = this.#portal.dialect.bytesPerUnit;
    this.#portal.carry(mac, whole(this.#random, 0, 2) * unit, whole(this.#random, 0, 10) * unit);
  }

  #remember({ mac, history }: Device, now: number): void {
    history.push({ at: now, served: this.served(mac) });
    while (history.length > 1 && history[1]!.at < now - keptMs) history.shift();
  }
}
