import type { Socket } from 'node:net';
import type { Clock } from '../ports/clock.js';
import { plainAddress } from './place.js';

/** Connections at once: phones open several each. One address may be a second router with its own guests. */
const mostInAll = 512;
const mostOfAddress = 24;
/** One device may have any number of addresses of IPv6: there is always room for the other family. */
const mostOfIPv6 = 256;

/** Limits connections by where they come from, and how long each may live. */
export class Connections {
  readonly #clock: Clock;
  readonly #all = new Set<Socket>();
  readonly #counts = new Map<string, number>();
  /** What ends a connection, by its far end. */
  readonly #deadlines = new Map<string, () => void>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @returns false for one too many, which is reset */
  admit(socket: Socket): boolean {
    const address = plainAddress(socket.remoteAddress ?? '');
    const names = address.includes(':') ? [address, 'IPv6'] : [address];
    const isTooMany =
      this.#all.size >= mostInAll ||
      this.#of(address) >= mostOfAddress ||
      (names.length > 1 && this.#of('IPv6') >= mostOfIPv6);
    socket.on('error', () => {});
    if (isTooMany || address === '') {
      socket.resetAndDestroy();
      return false;
    }
    this.#all.add(socket);
    for (const name of names) this.#counts.set(name, this.#of(name) + 1);
    const end = endOf(socket);
    socket.once('close', () => {
      this.#all.delete(socket);
      for (const name of names) this.#leave(name);
      this.#deadlines.get(end)?.();
      this.#deadlines.delete(end);
    });
    return true;
  }

  /** The connection ends after `ms`, unless this is called again. */
  limit(socket: Socket, ms: number, raw: Socket = socket): void {
    const end = endOf(socket);
    this.#deadlines.get(end)?.();
    if (raw.destroyed) return;
    this.#deadlines.set(
      end,
      this.#clock.after(ms, () => raw.destroy()),
    );
  }

  /** Ends them all. */
  destroy(): void {
    for (const socket of this.#all) socket.destroy();
  }

  #of(name: string): number {
    return this.#counts.get(name) ?? 0;
  }

  #leave(name: string): void {
    const left = this.#of(name) - 1;
    if (left > 0) this.#counts.set(name, left);
    else this.#counts.delete(name);
  }
}

/** TLS has a socket of its own on the same connection. */
function endOf({ remoteAddress, remotePort, localPort }: Socket): string {
  return `${remoteAddress} ${remotePort} ${localPort}`;
}
