import type { Socket } from 'node:net';
import type { Clock } from '../ports/clock.js';
import { plainAddress } from './place.js';

/** Connections at once: phones open several each. One address may be a second router with its own guests. */
const mostInAll = 512;
const mostOfAddress = 24;
/** One device may have any number of addresses of IPv6: there is always room for the other family. */
const mostOfIPv6 = 256;
/** How long an answer that is on its way may still take when its port is given up, in ms. */
const graceMs = 5_000;

/**
 * Limits connections by where they come from, and how long each may live. One device may have any number of addresses:
 * when there is no room left, the connection that has been silent for longest gives way to a new one.
 */
export class Connections {
  readonly #clock: Clock;
  readonly #all = new Set<Socket>();
  /** Those whose request has not come whole, by their ends, in the order in which they came. */
  readonly #silent = new Map<string, Socket>();
  readonly #counts = new Map<string, number>();
  /** What ends a connection, by its ends. */
  readonly #deadlines = new Map<string, () => void>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @returns false for one too many, which is reset */
  admit(socket: Socket): boolean {
    const address = plainAddress(socket.remoteAddress ?? '');
    const isIPv6 = address.includes(':');
    const names = isIPv6 ? [address, 'IPv6'] : [address];
    const isFull = this.#all.size >= mostInAll || (isIPv6 && this.#of('IPv6') >= mostOfIPv6);
    socket.on('error', () => {});
    if (address === '' || this.#of(address) >= mostOfAddress || (isFull && !this.#makeRoom(isIPv6))) {
      socket.resetAndDestroy();
      return false;
    }
    this.#all.add(socket);
    const end = endsOf(socket);
    this.#silent.set(end, socket);
    for (const name of names) this.#counts.set(name, this.#of(name) + 1);
    socket.once('close', () => {
      this.#all.delete(socket);
      this.#silent.delete(end);
      for (const name of names) this.#leave(name);
      this.#deadlines.get(end)?.();
      this.#deadlines.delete(end);
    });
    return true;
  }

  /** The connection ends after `ms`, unless this is called again. */
  limit(socket: Socket, ms: number, raw: Socket = socket): void {
    const end = endsOf(socket);
    this.#deadlines.get(end)?.();
    if (raw.destroyed) return;
    this.#deadlines.set(
      end,
      this.#clock.after(ms, () => raw.destroy()),
    );
  }

  /** Its request has come whole. */
  heard(socket: Socket): void {
    this.#silent.delete(endsOf(socket));
  }

  /** Ends these: at once where the request has not come whole, else after a short time. */
  dismiss(sockets: Iterable<Socket>): void {
    for (const socket of [...sockets]) {
      if (this.#silent.has(endsOf(socket))) socket.destroy();
      else this.limit(socket, graceMs);
    }
  }

  /** Ends them all. */
  destroy(): void {
    for (const socket of this.#all) socket.destroy();
  }

  /** @returns false when nobody gives way */
  #makeRoom(isIPv6: boolean): boolean {
    const isOnlyIPv6 = isIPv6 && this.#of('IPv6') >= mostOfIPv6;
    for (const [ends, socket] of this.#silent) {
      if (isOnlyIPv6 && !plainAddress(socket.remoteAddress ?? '').includes(':')) continue;
      this.#silent.delete(ends);
      socket.destroy();
      return true;
    }
    return false;
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
function endsOf({ remoteAddress, remotePort, localAddress, localPort }: Socket): string {
  return `${remoteAddress} ${remotePort} ${localAddress} ${localPort}`;
}
