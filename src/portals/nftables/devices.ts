import { isIPv4 } from 'node:net';
import type { Neighbour } from '../../../workers/contract.js';
import { type Mac, parseMac } from '../../domain/mac.js';
import type { Reading } from '../../domain/reading.js';
import { bytes } from '../../domain/units.js';

/** The device has answered lately, or is about to be asked by the kernel itself since somebody sends to it. */
const heardStates = ['REACHABLE', 'DELAY', 'PROBE', 'PERMANENT', 'NOARP'];
/** A device that the kernel asked in vain is away after this long, in ms: a phone asleep misses a call or two. */
const deafMs = 30_000;
/** A device that left its access point is away after this long, in ms: it may be on its way to another one. */
const roamMs = 15_000;
/** What the counters say for so long after that, in ms, was sent before it: they are read this seldom. */
const lateMs = 10_000;
/** The kernel takes a device for reachable for up to 45 s after its last word (`base_reachable_time`), in ms. */
const echoMs = 60_000;
const none = bytes(0);

interface Device {
  /** One of its addresses; of IPv4 where it has one. */
  ip: string;
  /** What was last told of its gate. */
  open: boolean;
  /** When it was last heard, in ms. */
  heardAt: number;
  /** What its sessions had sent when that was last looked at, in bytes. */
  sent: number;
  /** What it calls itself. */
  name: string | undefined;
}

/** What else tells of a device. */
export interface Signs {
  /** The table lets it pass. */
  passes(mac: Mac): boolean;
  /** Bytes that its running sessions have sent, as last counted. */
  sent(mac: Mac): number;
  /** It is associated with an access point of the router's. */
  isOnAir(mac: Mac): boolean;
  /** When it left the last one, in ms; undefined where that is not known. */
  leftAirAt(mac: Mac): number | undefined;
}

/** What the neighbours say of one device. */
interface Sight {
  readonly ips: string[];
  readonly name: string | undefined;
  isHeard: boolean;
  isStale: boolean;
}

/**
 * The devices on a portal's interfaces: by what the kernel knows of its neighbours, by what it has counted, and by what
 * access points say.
 */
export class Devices {
  readonly #awayMs: number;
  readonly #signs: Signs;
  readonly #there = new Map<Mac, Device>();
  /** Have left, with what they had sent by then, and the kernel still keeps their addresses. */
  readonly #left = new Map<Mac, number>();

  constructor(awayMs: number, signs: Signs) {
    this.#awayMs = awayMs;
    this.#signs = signs;
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
    for (const mac of this.#left.keys()) if (!sights.has(mac)) this.#left.delete(mac);
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
    device.open = this.#signs.passes(mac);
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
    const open = this.#signs.passes(mac);
    const isClear = isHeard && now - (this.#signs.leftAirAt(mac) ?? Number.NEGATIVE_INFINITY) >= echoMs;
    if (!known) {
      const isHere = isClear || this.#isBack(mac) || (isStale && !this.#left.has(mac));
      if (!isHere || ips.length === 0) return [];
      this.#left.delete(mac);
      const device = { ip: addressOf(ips), open, heardAt: now, sent: this.#signs.sent(mac), name };
      this.#there.set(mac, device);
      return [readingOf(mac, device, { fresh: true })];
    }
    if (isClear) known.heardAt = now;
    const ip = ips.includes(known.ip) && isIPv4(known.ip) ? known.ip : addressOf(ips, known.ip);
    const was = { ...known };
    Object.assign(known, { ip, open, name });
    if (ip !== was.ip) return [readingOf(mac, was, { gone: true }), readingOf(mac, known, { fresh: true })];
    return open === was.open ? [] : [readingOf(mac, known)];
  }

  /** One that had left is on the air again, or sends. */
  #isBack(mac: Mac): boolean {
    return (
      this.#signs.isOnAir(mac) || this.#signs.sent(mac) > (this.#left.get(mac) ?? Number.POSITIVE_INFINITY)
    );
  }

  #miss(mac: Mac, sight: Sight | undefined, now: number): Reading[] {
    const device = this.#there.get(mac)!;
    this.#hear(mac, device, now);
    if (now - device.heardAt < this.#patience(mac, device, sight)) return [];
    this.#there.delete(mac);
    if (sight) this.#left.set(mac, device.sent);
    return [readingOf(mac, device, { gone: true })];
  }

  /** Takes in what is known of a device beside its neighbourhood. */
  #hear(mac: Mac, device: Device, now: number): void {
    const sent = this.#signs.sent(mac);
    const leftAt = this.#signs.leftAirAt(mac) ?? Number.NEGATIVE_INFINITY;
    if (this.#signs.isOnAir(mac) || (sent > device.sent && now - leftAt >= lateMs)) device.heardAt = now;
    device.sent = sent;
  }

  #patience(mac: Mac, { heardAt }: Device, sight: Sight | undefined): number {
    const leftAt = this.#signs.leftAirAt(mac);
    if (leftAt !== undefined && heardAt <= leftAt) return Math.min(leftAt - heardAt + roamMs, this.#awayMs);
    return sight?.isHeard || sight?.isStale ? this.#awayMs : Math.min(deafMs, this.#awayMs);
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
