import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { isIPv6 } from 'node:net';
import { promisify } from 'node:util';
import { type Mac, parseMac } from '../domain/mac.js';
import type { Clock } from '../ports/clock.js';

const run = promisify(execFile);

/** A device on a network of the router. */
export interface Neighbour {
  readonly mac: Mac;
  /** `br-lan` */
  readonly interface: string;
}

/** How long what was read of the kernel is good for, in ms: hundreds of phones may come within seconds. */
const goodMs = 1_000;
/** How long `ip` may take, in ms. */
const ipMs = 5_000;
/** Most addresses that are remembered. */
const mostKnown = 1_024;

/** How the kernel's table of neighbours is read. */
export interface NeighbourSources {
  /** IPv4: the text of `/proc/net/arp`. */
  arp(): string;
  /** IPv6: what `ip -6 neigh show ADDRESS` prints. */
  ip(address: string): Promise<string>;
}

const ofThisMachine: NeighbourSources = {
  arp: () => readFileSync('/proc/net/arp', 'utf8'),
  ip: async (address) => {
    const args = ['-6', 'neigh', 'show', 'to', address];
    return (await run('ip', args, { timeout: ipMs, killSignal: 'SIGKILL' })).stdout;
  },
};

/**
 * Which device an address belongs to, from the kernel: the reply goes to this device, so nobody gains by another's
 * address.
 */
export class Neighbours {
  readonly #clock: Clock;
  readonly #sources: NeighbourSources;
  #arp = new Map<string, Neighbour>();
  #readAt = Number.NEGATIVE_INFINITY;
  readonly #ipv6 = new Map<string, { readonly at: number; readonly found: Promise<Neighbour | undefined> }>();

  constructor(clock: Clock, sources = ofThisMachine) {
    this.#clock = clock;
    this.#sources = sources;
  }

  async at(address: string): Promise<Neighbour | undefined> {
    const now = this.#clock.mono();
    if (!isIPv6(address)) {
      // One that has just come is looked for at once.
      if (now - this.#readAt >= goodMs || !this.#arp.has(address)) this.#read(now);
      return this.#arp.get(address);
    }
    const known = this.#ipv6.get(address);
    if (known && now - known.at < goodMs) return known.found;
    const found = this.#sources.ip(address).then(ipNeighbour, () => undefined);
    this.#ipv6.delete(address);
    this.#ipv6.set(address, { at: now, found });
    if (this.#ipv6.size > mostKnown) this.#ipv6.delete(this.#ipv6.keys().next().value!);
    return found;
  }

  #read(now: number): void {
    this.#readAt = now;
    try {
      this.#arp = arpTable(this.#sources.arp());
    } catch {
      this.#arp = new Map();
    }
  }
}

/** Entries of `/proc/net/arp` that are complete (flag 2). */
export function arpTable(text: string): Map<string, Neighbour> {
  const table = new Map<string, Neighbour>();
  for (const line of text.split('\n').slice(1)) {
    const [address, , flags, hardware, , device] = line.trim().split(/\s+/);
    const mac = parseMac(hardware);
    if (address && mac && device && (Number(flags) & 2) !== 0) table.set(address, { mac, interface: device });
  }
  return table;
}

/** `fe80::1 dev br-lan lladdr 02:00:00:00:00:01 REACHABLE`; an address of a link is on several: then it is nobody's. */
export function ipNeighbour(text: string): Neighbour | undefined {
  const found = [...text.matchAll(/\bdev (\S+) lladdr (\S+)/g)].flatMap(([, device, hardware]) => {
    const mac = parseMac(hardware);
    return mac ? [{ mac, interface: device! }] : [];
  });
  return found.length === 1 ? found[0] : undefined;
}
