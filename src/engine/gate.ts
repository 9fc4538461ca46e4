import type { Reading } from '../domain/reading.js';

const firstRetryMs = 250;
const lastRetryMs = 30_000;

/** What the portal last said of one device, and the work under way on its gate. */
export class Gate {
  /** Address -> open. */
  readonly addresses = new Map<string, boolean>();
  busy = false;
  /** Something changed while busy: look again afterwards. */
  again = false;
  /** Turns that failed in a row. */
  failures = 0;
  /** The portal does not know this device: nothing to do until it shows up. */
  unknown = false;
  /** The portal may have opened this gate by itself at a restart, with counters that stand still or other rates. */
  restored = false;
  cancelRetry: (() => void) | undefined;
  /** Set while the device is shut out, whatever is paid; calling it lets the device in again. */
  unblock: (() => void) | undefined;
  readonly waiting: (() => void)[] = [];

  /** Open on one address at least. */
  get isOpen(): boolean {
    return [...this.addresses.values()].includes(true);
  }

  /** It is open, or may be: a turn is under way, or failed. */
  get mayBeOpen(): boolean {
    return this.isOpen || this.busy || this.failures > 0;
  }

  /** Addresses on which it is shut. */
  get shut(): string[] {
    return [...this.addresses].filter(([, isOpen]) => !isOpen).map(([ip]) => ip);
  }

  /** Takes in what the portal says. */
  see(reading: Reading): void {
    if (reading.gone) this.addresses.delete(reading.ip);
    else this.addresses.set(reading.ip, reading.open);
    this.unknown = false;
    // Only a gate that was shut counts from zero again.
    this.restored = reading.restored || (this.restored && this.isOpen);
  }

  /** The portal knows the device by none of these addresses, or, when none was named, not at all. */
  lost(asked: readonly string[]): void {
    for (const ip of asked) this.addresses.delete(ip);
    if (asked.length === 0) this.addresses.clear();
    this.unknown = this.addresses.size === 0;
  }

  /** It has been read back shut, on every address. */
  allShut(): void {
    for (const ip of this.addresses.keys()) this.addresses.set(ip, false);
    this.restored = false;
  }

  /** Counts a failure. @returns how long to wait before the next try, in ms. */
  failed(): number {
    const wait = Math.min(firstRetryMs * 2 ** Math.min(this.failures, 16), lastRetryMs);
    this.failures += 1;
    return wait;
  }

  /** Resolves when nothing is under way. */
  atRest(): Promise<void> {
    return this.busy ? new Promise((resolve) => this.waiting.push(resolve)) : Promise.resolve();
  }

  /** Nothing is under way any more. */
  release(): void {
    for (const resolve of this.waiting.splice(0)) resolve();
  }

  /** Cancels all timers. */
  cancel(): void {
    this.cancelRetry?.();
    this.unblock?.();
  }
}
