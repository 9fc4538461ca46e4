import { isIPv4 } from 'node:net';
import type { Neighbour } from '../../../workers/contract.js';
import { type Mac, parseMac } from '../../domain/mac.js';
import type { Reading } from '../../domain/reading.js';
import { bytes } from '../../domain/units.js';

/** The device has answered lately, or is about to be asked by the kernel itself since somebody sends to it. */
const heardStates = ['REACHABLE', 'DELAY', 'PROBE', 'PERMANENT', 'NOARP'];
/** A device that the kernel asked in vain is away after this long, in ms: a phone asleep misses a call or two. */
const deafMs = 30_000;
const none = bytes(0);

interface Device {
  /** One of its addresses; of IPv4 where it has one. */
  ip: string;
  /** What was last told of its gate. */
  open: boolean;
  /** When it was last heard, in ms. */
  heardAt: number;
  /** What it calls itself. */
  name: string | undefined;
}

/** What the neighbours say of one device. */
interface Sight {
  readonly ips: string[];
  readonly name: string | undefined;
  isHeard: boolean;
  isStale: boolean;
}

/** The devices on a portal's interfaces, by what the kernel knows of its neighbours. */
export class Devices {
  readonly #awayMs: number;
  readonly #passes: (mac: Mac) => boolean;
  readonly #there = new Map<Mac, Device>();
  /** Have left, and the kernel still keeps their addresses. */
  readonly #left = new Set<Mac>();

  constructor(awayMs: number, passes: (mac: Mac) => boolean) {
    this.#awayMs = awayMs;
    this.#passes = passes;
  }

  get size(): number {
    return this.#there.size;
  }

  has(mac: Mac): boolean {
    return this.#there.has(mac);
  }

  /** What a device that is there calls itself. */
  nameOf(mac: Mac): string | undefined {
    return this.#there.get(mac)?.name;
  }

  /** Takes in the neighbours. @returns what is new. `now`: monotonic, in ms */
  note(found: readonly Neighbour[], now: number): Reading[] {
    const sights = sightsOf(found);
    for (const mac of this.#left) if (!sights.has(mac)) this.#left.delete(mac);
    const come = [...sights].flatMap(([mac, sight]) => this.#see(mac, sight, now));
    const gone = [...this.#there.keys()].flatMap((mac) => this.#miss(mac, sights.get(mac), now));
    return [...come, ...gone];
  }

  /** Takes in what the neighbours say of one device alone. */
  noteOne(mac: Mac, found: readonly Neighbour[], now: number): void {
    const sight = sightsOf(found).get(mac);
    // Who wants in is there, however long the kernel has not heard of them.
    this.#left.delete(mac);
    if (sight) this.#see(mac, sight, now);
  }

  /** How a device stands now, by the table; undefined for one that is not there. */
  reading(mac: Mac): Reading | undefined {
    const device = this.#there.get(mac);
    if (!device) return undefined;
    device.open = this.#passes(mac);
    return readingOf(mac, device);
  }

  /** The gate of a device is shut. */
  shut(mac: Mac): Reading | undefined {
    const device = this.#there.get(mac);
    if (!device) return undefined;
    device.open = false;
    return readingOf(mac, device);
  }

  #see(mac: Mac, { ips, name, isHeard, isStale }: Sight, now: number): Reading[] {
    const known = this.#there.get(mac);
    const open = this.#passes(mac);
    if (!known) {
      if (!isHeard && (!isStale || this.#left.has(mac))) return [];
      this.#left.delete(mac);
      const device = { ip: addressOf(ips), open, heardAt: now, name };
      this.#there.set(mac, device);
      return [readingOf(mac, device, { fresh: true })];
    }
    if (isHeard) known.heardAt = now;
    const ip = ips.includes(known.ip) && isIPv4(known.ip) ? known.ip : addressOf(ips, known.ip);
    const was = { ...known };
    Object.assign(known, { ip, open, name });
    if (ip !== was.ip) return [readingOf(mac, was, { gone: true }), readingOf(mac, known, { fresh: true })];
    return open === was.open ? [] : [readingOf(mac, known)];
  }

  #miss(mac: Mac, sight: Sight | undefined, now: number): Reading[] {
    const device = this.#there.get(mac)!;
    const patience = sight?.isHeard || sight?.isStale ? this.#awayMs : Math.min(deafMs, this.#awayMs);
    if (now - device.heardAt < patience) return [];
    this.#there.delete(mac);
    if (sight) this.#left.add(mac);
    return [readingOf(mac, device, { gone: true })];
  }
}

function sightsOf(found: readonly Neighbour[]): Map<Mac, Sight> {
  const sights = new Map<Mac, Sight>();
  for (const { mac: text, ip, state, name } of found) {
    const mac = parseMac(text);
    if (!mac) continue;
    const sight = sights.get(mac) ?? { ips: [], name, isHeard: false, isStale: false };
    sights.set(mac, sight);
    sight.isHeard ||= heardStates.includes(state);
    sight.isStale ||= state === 'STALE';
    if (state !== 'FAILED') sight.ips.push(ip);
  }
  return sights;
}

/** One address of a device, the same one for as long as it has it. */
function addressOf(ips: readonly string[], now = ''): string {
  const v4 = ips.filter((ip) => isIPv4(ip));
  return v4[0] ?? (ips.includes(now) ? now : (ips[0] ?? now));
}

function readingOf(
  mac: Mac,
  { ip, open }: Pick<Device, 'ip' | 'open'>,
  { fresh = false, gone = false }: { fresh?: boolean; gone?: boolean } = {},
): Reading {
  return {
    ...{ mac, ip, up: none, down: none, open: open && !gone, fresh, gone },
    ...{ reset: false, restored: false, baseline: { mac, ip, epoch: 0, up: none, down: none } },
  };
}
