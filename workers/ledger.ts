import { flag } from './contract.js';
import { mixed } from './mixed.js';
import type { Scanned } from './scan.js';

const states = flag.open | flag.gone;
/** What the other side was last told of the states: the same bits, moved up. */
const toldShift = 4;
const used = 0x80;

const headerBytes = 16;
const doubles = 7;
const words = 3;
const rowBytes = doubles * 8 + words * 4 + 1;
/** Fullest that the table gets: linear probing slows down beyond. */
const load = 0.7;
/** Rows of clients that have been gone for this many polls are dropped when the table grows. */
const keepGone = 1000;
/** More clients than any access point can hold. */
export const maxClients = 65_536;

type Column = Float64Array | Uint32Array | Uint8Array;

/**
 * The counters of every client of one portal, in shared memory: written by the worker that polls, and by the main
 * thread between polls.
 *
 * There are no locks, for polls and gates are turns of one queue; a message between the threads, which
 * each turn begins and ends with, makes the writes visible.
 *
 * What a client moved is never stored as a difference: `base` (epochs that are over) + `last` (the portal's counter) is
 * its total, and `taken` is how much of that the main thread has booked. So a poll that dies half-way, or whose result
 * is lost, neither loses a byte nor counts one twice: the next one finds the difference again.
 */
export class Ledger {
  readonly buffer: SharedArrayBuffer;
  readonly #slots: number;
  readonly #columns: Column[] = [];
  readonly #header: Uint32Array;
  readonly #mac: Float64Array;
  readonly #baseUp: Float64Array;
  readonly #baseDown: Float64Array;
  readonly #lastUp: Float64Array;
  readonly #lastDown: Float64Array;
  readonly #takenUp: Float64Array;
  readonly #takenDown: Float64Array;
  readonly #ip: Uint32Array;
  readonly #epoch: Uint32Array;
  readonly #seen: Uint32Array;
  readonly #flags: Uint8Array;

  constructor(buffer: SharedArrayBuffer) {
    this.buffer = buffer;
    this.#slots = Math.floor((buffer.byteLength - headerBytes) / rowBytes);
    let at = headerBytes;
    const column = <T extends Column>(
      make: new (b: SharedArrayBuffer, at: number, n: number) => T,
      size: number,
    ): T => {
      const view = new make(buffer, at, this.#slots);
      at += this.#slots * size;
      this.#columns.push(view);
      return view;
    };
    this.#header = new Uint32Array(buffer, 0, headerBytes / 4);
    this.#mac = column(Float64Array, 8);
    this.#baseUp = column(Float64Array, 8);
    this.#baseDown = column(Float64Array, 8);
    this.#lastUp = column(Float64Array, 8);
    this.#lastDown = column(Float64Array, 8);
    this.#takenUp = column(Float64Array, 8);
    this.#takenDown = column(Float64Array, 8);
    this.#ip = column(Uint32Array, 4);
    this.#epoch = column(Uint32Array, 4);
    this.#seen = column(Uint32Array, 4);
    this.#flags = column(Uint8Array, 1);
  }

  /** An empty ledger with room for `clients` before it must grow. */
  static create(clients: number): Ledger {
    // A power of two, so that a hash becomes a slot by masking.
    const slots = 2 ** Math.ceil(Math.log2(Math.max(16, clients / load)));
    return new Ledger(new SharedArrayBuffer(headerBytes + slots * rowBytes));
  }

  /** Rows in use. */
  get size(): number {
    return this.#header[0]!;
  }

  /** Clients that fit before {@link observe} says that it is full. */
  get capacity(): number {
    return Math.floor(this.#slots * load);
  }

  /** Begins a new look at the portal: what is observed from now on counts as seen in it. */
  begin(): void {
    this.#header[1] = this.#header[1]! + 1;
  }

  /** Takes one client's counters in. @returns its slot, or -1 when the table is full and must grow first. */
  observe(client: Scanned): number {
    const slot = this.#slotOf(client.mac, client.ip);
    if (slot < 0) return -1;
    const flags = this.#flags[slot]!;
    let next = (flags & ~states) | (client.open ? flag.open : 0);
    if ((flags & used) === 0) {
      this.#claim(slot, client);
      next |= used | flag.fresh;
    } else {
      if (this.#closeEpochs(slot, client)) next |= flag.reset;
      if (flags & flag.gone) next |= flag.fresh;
    }
    this.#lastUp[slot] = client.up;
    this.#lastDown[slot] = client.down;
    this.#epoch[slot] = client.epoch;
    this.#seen[slot] = this.#header[1]!;
    this.#flags[slot] = next;
    return slot;
  }

  /** Puts in where a client's counters stood, as booked: the next observation counts from there. */
  restore(client: Scanned): boolean {
    const slot = this.#slotOf(client.mac, client.ip);
    if (slot < 0) return false;
    if ((this.#flags[slot]! & used) === 0) this.#claim(slot, client);
    this.#epoch[slot] = client.epoch;
    this.#lastUp[slot] = this.#takenUp[slot] = client.up;
    this.#lastDown[slot] = this.#takenDown[slot] = client.down;
    this.#baseUp[slot] = this.#baseDown[slot] = 0;
    // Known as gone until it is seen, so that its first sight is told whatever its counters say.
    this.#flags[slot] = used | flag.gone | (flag.gone << toldShift);
    return true;
  }

  /** After a complete reply: clients that were not seen in it are gone. */
  sweep(): void {
    const now = this.#header[1]!;
    for (let slot = 0; slot < this.#slots; slot++) {
      const flags = this.#flags[slot]!;
      if (flags & used && this.#seen[slot] !== now) this.#flags[slot] = (flags & ~flag.open) | flag.gone;
    }
  }

  /** Slots with something that has not been taken yet. */
  changed(): Uint32Array {
    let count = 0;
    for (let slot = 0; slot < this.#slots; slot++) if (this.isChanged(slot)) count += 1;
    const slots = new Uint32Array(count);
    for (let slot = 0, i = 0; i < count; slot++) if (this.isChanged(slot)) slots[i++] = slot;
    return slots;
  }

  isChanged(slot: number): boolean {
    const flags = this.#flags[slot]!;
    if ((flags & used) === 0) return false;
    if (flags & (flag.fresh | flag.reset)) return true;
    if (((flags >> toldShift) & states) !== (flags & states)) return true;
    return this.upOf(slot) !== 0 || this.downOf(slot) !== 0;
  }

  macOf(slot: number): number {
    return this.#mac[slot]!;
  }

  ipOf(slot: number): number {
    return this.#ip[slot]!;
  }

  epochOf(slot: number): number {
    return this.#epoch[slot]!;
  }

  /** Bytes that have not been taken. */
  upOf(slot: number): number {
    return this.#baseUp[slot]! + this.#lastUp[slot]! - this.#takenUp[slot]!;
  }

  downOf(slot: number): number {
    return this.#baseDown[slot]! + this.#lastDown[slot]! - this.#takenDown[slot]!;
  }

  /** The portal's counter as it was last read. */
  lastUpOf(slot: number): number {
    return this.#lastUp[slot]!;
  }

  lastDownOf(slot: number): number {
    return this.#lastDown[slot]!;
  }

  /** Bits of {@link flag}. */
  flagsOf(slot: number): number {
    return this.#flags[slot]! & (states | flag.fresh | flag.reset);
  }

  /** Marks as booked what was told of a slot. Main thread only. */
  take(slot: number, up: number, down: number): void {
    this.#takenUp[slot] = this.#takenUp[slot]! + up;
    this.#takenDown[slot] = this.#takenDown[slot]! + down;
    const now = this.#flags[slot]! & states;
    this.#flags[slot] = used | now | (now << toldShift);
  }

  /** A ledger with room for twice as many, and all rows but those of clients long gone. */
  grown(): Ledger {
    const next = Ledger.create(this.capacity * 2);
    next.#header[1] = this.#header[1]!;
    for (let slot = 0; slot < this.#slots; slot++) {
      const flags = this.#flags[slot]!;
      const longGone = flags & flag.gone && this.#header[1]! - this.#seen[slot]! > keepGone;
      if (flags & used && !(longGone && !this.isChanged(slot))) next.#copy(this, slot);
    }
    return next;
  }

  #copy(from: Ledger, slot: number): void {
    const to = this.#slotOf(from.#mac[slot]!, from.#ip[slot]!);
    this.#header[0] = this.#header[0]! + 1;
    for (const [i, column] of this.#columns.entries()) column[to] = from.#columns[i]![slot]!;
  }

  #claim(slot: number, client: Scanned): void {
    this.#header[0] = this.#header[0]! + 1;
    this.#mac[slot] = client.mac;
    this.#ip[slot] = client.ip;
  }

  /** Moves to `base` what counters that began anew had reached. @returns whether they did. */
  #closeEpochs(slot: number, client: Scanned): boolean {
    // A portal begins both anew together: if one fell, the other may have passed where it stood.
    const fell = client.up < this.#lastUp[slot]! || client.down < this.#lastDown[slot]!;
    if (!fell && client.epoch === this.#epoch[slot]) return false;
    this.#baseUp[slot] = this.#baseUp[slot]! + this.#lastUp[slot]!;
    this.#baseDown[slot] = this.#baseDown[slot]! + this.#lastDown[slot]!;
    return true;
  }

  /** The slot of a client, or the free one where it belongs; -1 when it is new and the table is full. */
  #slotOf(mac: number, ip: number): number {
    const mask = this.#slots - 1;
    let slot = mixed(mac, ip) & mask;
    while (this.#flags[slot]! & used) {
      if (this.#mac[slot] === mac && this.#ip[slot] === ip) return slot;
      slot = (slot + 1) & mask;
    }
    return this.#header[0]! < this.capacity ? slot : -1;
  }
}
