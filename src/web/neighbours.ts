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
/** Longest table that is read, in bytes. */
const mostBytes = 4 * 1024 * 1024;
/** How often `ip` is started at the most, in ms: one device may ask from any number of addresses. */
const pauseMs = 250;

/** How the kernel's table of neighbours is read. */
export interface NeighbourSources {
  /** IPv4: the text of `/proc/net/arp`. */
  arp(): string;
  /** IPv6: what `ip -6 neigh show` prints. */
  ip(): Promise<string>;
}

const ofThisMachine: NeighbourSources = {
  arp: () => readFileSync('/proc/net/arp', 'utf8'),
  ip: async () => {
    const limits = { timeout: ipMs, killSignal: 'SIGKILL', maxBuffer: mostBytes } as const;
    return (await run('ip', ['-6', 'neigh', 'show'], limits)).stdout;
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
  #ipv6: { readonly at: number; readonly table: Promise<Map<string, Neighbour>> } | undefined;

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
    const known = (await this.#ipv6Table(now, goodMs)).get(address);
    return known ?? (await this.#ipv6Table(now, pauseMs)).get(address);
  }

  /** What `ip` said not longer than `ms` ago. */
  #ipv6Table(now: number, ms: number): Promise<Map<string, Neighbour>> {
    if (!this.#ipv6 || now - this.#ipv6.at >= ms) {
      this.#ipv6 = { at: now, table: this.#sources.ip().then(ipTable, () => new Map()) };
    }
    return this.#ipv6.table;
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

/** Lines such as `fe80::1 dev br-lan lladdr 02:00:00:00:00:01 REACHABLE`. An address on two links is nobody's. */
export function ipTable(text: string): Map<string, Neighbour> {
  const table = new Map<string, Neighbour>();
  const twice = new Set<string>();
  for (const [, address, device, hardware] of text.matchAll(/^(\S+) dev (\S+) lladdr (\S+)/gm)) {
    const mac = parseMac(hardware);
    if (!mac) continue;
    if (table.has(address!)) twice.add(address!);
    table.set(address!, { mac, interface: device! });
  }
  for (const address of twice) table.delete(address);
  return table;
}
