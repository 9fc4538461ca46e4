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
 * address. What was read before a request came is of no use: somebody who has taken an address since then would act
 * for its owner.
 */
export class Neighbours {
  readonly #clock: Clock;
  readonly #sources: NeighbourSources;
  /** When `ip` was started last. */
  #startedAt = Number.NEGATIVE_INFINITY;
  /** What `ip` will say that has not been started yet. */
  #next: Promise<string> | undefined;

  constructor(clock: Clock, sources = ofThisMachine) {
    this.#clock = clock;
    this.#sources = sources;
  }

  async at(address: string): Promise<Neighbour | undefined> {
    try {
      if (!isIPv6(address)) return inArp(this.#sources.arp(), address);
      this.#next ??= this.#ask();
      return inIp(await this.#next, address);
    } catch {
      return undefined;
    }
  }

  async #ask(): Promise<string> {
    const pause = Math.max(0, this.#startedAt + pauseMs - this.#clock.mono());
    await (pause > 0 ? new Promise<void>((resolve) => this.#clock.after(pause, resolve)) : undefined);
    this.#next = undefined;
    this.#startedAt = this.#clock.mono();
    return this.#sources.ip();
  }
}

/** The entry of `/proc/net/arp` that is complete (flag 2). */
function inArp(text: string, address: string): Neighbour | undefined {
  const lines = text.split('\n').filter((line) => line.startsWith(`${address} `));
  return only(
    lines.flatMap((line) => {
      const [, , flags, hardware, , device = ''] = line.trim().split(/\s+/);
      return (Number(flags) & 2) === 0 ? [] : neighbour(hardware, device);
    }),
  );
}

/** A line such as `fe80::1 dev br-lan lladdr 02:00:00:00:00:01 REACHABLE`. */
function inIp(text: string, address: string): Neighbour | undefined {
  const lines = text.matchAll(/^(\S+) dev (\S+) lladdr (\S+)/gm);
  return only(
    [...lines].flatMap(([, of, device, hardware]) => (of === address ? neighbour(hardware, device!) : [])),
  );
}

function neighbour(hardware: string | undefined, device: string): Neighbour[] {
  const mac = parseMac(hardware);
  return mac ? [{ mac, interface: device }] : [];
}

/** An address on two links is nobody's: people on one of them could take it from those on the other. */
function only(found: readonly Neighbour[]): Neighbour | undefined {
  return found.length === 1 ? found[0] : undefined;
}
