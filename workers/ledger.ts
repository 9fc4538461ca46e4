import { Columns } from './columns.js';
import { flag } from './contract.js';
import { Lives } from './lives.js';
import { mixed } from './mixed.js';
import type { Scanned } from './scan.js';

const states = flag.open | flag.gone;
/** Told once. */
const news = flag.fresh | flag.reset | flag.restored;
/** Last seen in an earlier life of the portal. */
const earlier = 0x40;
const used = 0x80;
/** What the other side was last told of the states: the same bits, moved up. */
const toldShift = 8;

/** Rows in use and looks; then the lives. */
const livesAt = 8;
const headerBytes = livesAt + Lives.bytes;
/** Fullest that the table gets: linear probing slows down beyond. */
const load = 0.7;
/** Rows of clients that have been gone for this many polls are dropped when the table grows. */
const keepGone = 1000;
/** Clients beyond which a ledger does not grow: more than any access point can hold. */
export const maxClients = 65_536;

/**
 * The counters of every client of one portal, in shared memory: written by the worker that polls, and by the main
 * thread between polls.
 *
 * There are no locks, for polls and gates are turns of one queue; a message between the threads, which each turn
 * begins and ends with, makes the writes visible.
 *
 * Traffic of a client is never stored as a difference: `base` (epochs that are over) + `last` (the portal's counter)
 * is its total, and `taken` is how much of that the main thread has booked. So a poll that dies half-way, or whose
 * result is lost, neither loses a byte nor counts one twice: the next poll finds the difference again.
 */
export class Ledger extends Columns {
  /** Which life of the portal speaks. */
  readonly lives: Lives;

  constructor(buffer: SharedArrayBuffer, remembers?: boolean) {
    super(buffer, headerBytes);
    this.lives = new Lives(buffer, livesAt, remembers);
  }

  /** An empty ledger with room for `clients` before it must grow. `remembers`: see {@link Lives.remembers} */
  static create(clients: number, remembers: boolean): Ledger {
    // A power of two, so that a hash becomes a slot by masking.
    const slots = 2 ** Math.ceil(Math.log2(Math.max(16, clients / load)));
    return new Ledger(new SharedArrayBuffer(headerBytes + slots * Columns.rowBytes), remembers);
  }

  /** Rows in use. */
  get size(): number {
    return this.header[0]!;
  }

  /** Clients that fit before {@link observe} says that it is full. */
  get capacity(): number {
    return Math.floor(this.slots * load);
  }

  /** Takes in when the portal that speaks from now on was started; see {@link Lives.enter}. */
  enter(life: number): void {
    if (!this.lives.enter(life)) return;
    for (let slot = 0; slot < this.slots; slot++)
      if (this.flags[slot]! & used) this.flags[slot] = this.flags[slot]! | earlier;
  }

  /** Begins a new look at the portal: what is observed from now on counts as seen in it. */
  begin(): void {
    this.header[1] = this.header[1]! + 1;
  }

  /** Takes one client's counters in; `admitted`: it was let in during this life. @returns its slot, -1 when the table is full. */
  observe(client: Scanned, admitted = false): number {
    const slot = this.#slotOf(client);
    if (slot < 0) return -1;
    const flags = this.flags[slot]!;
    const isNew = (flags & used) === 0;
    if (isNew) this.#claim(slot, client);
    let next = (flags & ~(states | earlier)) | used | (client.open ? flag.open : 0);
    if (isNew || flags & flag.gone) next |= flag.fresh;
    const restarted = !admitted && (isNew ? this.lives.hasBegun : (flags & earlier) !== 0);
    const isOld = restarted && this.lives.remembers;
    if ((isOld || !isNew) && this.#closeEpochs(slot, client, isOld)) next |= flag.reset;
    if (restarted && client.open && client.up + client.down > 0) next |= flag.restored;
    this.lastUp[slot] = client.up;
    this.lastDown[slot] = client.down;
    this.epoch[slot] = client.epoch;
    this.seen[slot] = this.header[1]!;
    this.flags[slot] = next;
    return slot;
  }

  /** Puts in where a client's counters stood, as booked: the next observation counts from there. */
  restore(client: Scanned): boolean {
    const slot = this.#slotOf(client);
    if (slot < 0) return false;
    if ((this.flags[slot]! & used) === 0) this.#claim(slot, client);
    this.epoch[slot] = client.epoch;
    this.lastUp[slot] = this.takenUp[slot] = client.up;
    this.lastDown[slot] = this.takenDown[slot] = client.down;
    this.baseUp[slot] = this.baseDown[slot] = 0;
    // Known as gone until it is seen, so that its first sight is told whatever its counters say.
    this.flags[slot] = used | flag.gone | (flag.gone << toldShift);
    return true;
  }

  /** A client that this look shows and that cannot be read keeps its last counters, on each of its addresses. */
  keep(mac: number): void {
    for (let slot = 0; slot < this.slots; slot++)
      if (this.mac[slot] === mac) this.seen[slot] = this.header[1]!;
  }

  /** After a complete reply: clients not seen in it are gone. `all` were taken in: who comes later is out of no file. */
  sweep(all = false): void {
    const now = this.header[1]!;
    if (all) this.lives.settle();
    for (let slot = 0; slot < this.slots; slot++) {
      const flags = this.flags[slot]!;
      if ((flags & used) === 0 || this.seen[slot] === now) continue;
      this.flags[slot] = (flags & ~(flag.open | (all ? earlier : 0))) | flag.gone;
    }
  }

  /** Slots with something that has not been taken yet. */
  changed(): Uint32Array {
    let count = 0;
    for (let slot = 0; slot < this.slots; slot++) if (this.isChanged(slot)) count += 1;
    const slots = new Uint32Array(count);
    for (let slot = 0, i = 0; i < count; slot++) if (this.isChanged(slot)) slots[i++] = slot;
    return slots;
  }

  isChanged(slot: number): boolean {
    const flags = this.flags[slot]!;
    if ((flags & used) === 0) return false;
    if (flags & news || ((flags >> toldShift) & states) !== (flags & states)) return true;
    return this.upOf(slot) !== 0 || this.downOf(slot) !== 0;
  }

  macOf(slot: number): number {
    return this.mac[slot]!;
  }

  ipOf(slot: number): number {
    return this.ip[slot]!;
  }

  epochOf(slot: number): number {
    return this.epoch[slot]!;
  }

  /** Bytes that have not been taken. */
  upOf(slot: number): number {
    return this.baseUp[slot]! + this.lastUp[slot]! - this.takenUp[slot]!;
  }

  downOf(slot: number): number {
    return this.baseDown[slot]! + this.lastDown[slot]! - this.takenDown[slot]!;
  }

  /** The portal's counter as it was last read. */
  lastUpOf(slot: number): number {
    return this.lastUp[slot]!;
  }

  lastDownOf(slot: number): number {
    return this.lastDown[slot]!;
  }

  /** Bits of {@link flag}. */
  flagsOf(slot: number): number {
    return this.flags[slot]! & (states | news);
  }

  /** Marks as booked what was told of a slot. Main thread only. */
  take(slot: number, up: number, down: number): void {
    this.takenUp[slot] = this.takenUp[slot]! + up;
    this.takenDown[slot] = this.takenDown[slot]! + down;
    const now = this.flags[slot]! & states;
    this.flags[slot] = used | (this.flags[slot]! & earlier) | now | (now << toldShift);
  }

  /** A ledger with room for twice as many, and all rows but those of clients long gone. */
  grown(): Ledger {
    return this.#without(keepGone, this.capacity * 2);
  }

  /**
   * A ledger of this size without the rows of clients that have gone; undefined when none has. If such a client
   * comes back within the same epoch, its counters look new: see `newTo` in `domain/reading.ts`.
   */
  cleared(): Ledger | undefined {
    const next = this.#without(0, this.capacity);
    return next.size < this.size ? next : undefined;
  }

  /** A copy without the rows that have been gone for more than `looks`, as far as all of that has been told. */
  #without(looks: number, clients: number): Ledger {
    const next = Ledger.create(clients, this.lives.remembers);
    next.header[1] = this.header[1]!;
    next.lives.copy(this.lives);
    for (let slot = 0; slot < this.slots; slot++) {
      const flags = this.flags[slot]!;
      const left = flags & flag.gone && this.header[1]! - this.seen[slot]! > looks;
      if (flags & used && !(left && !this.isChanged(slot))) next.#copy(this, slot);
    }
    return next;
  }

  #copy(from: Ledger, slot: number): void {
    const to = this.#slotOf({ mac: from.mac[slot]!, ip: from.ip[slot]! });
    this.header[0] = this.header[0]! + 1;
    for (const [i, column] of this.columns.entries()) column[to] = from.columns[i]![slot]!;
  }

  #claim(slot: number, client: Scanned): void {
    this.header[0] = this.header[0]! + 1;
    this.mac[slot] = client.mac;
    this.ip[slot] = client.ip;
  }

  /**
   * Moves to `base` what counters had reached that began anew. Those that may come out of a file are only a starting
   * point. @returns whether they did begin anew.
   */
  #closeEpochs(slot: number, client: Scanned, isOld: boolean): boolean {
    // A portal begins both anew together: if one fell, the other may have passed where it stood.
    const fell = client.up < this.lastUp[slot]! || client.down < this.lastDown[slot]!;
    if (!fell && client.epoch === this.epoch[slot]) return false;
    // Two conditions and not one that gives a pair: that would be an object on the heap for each client of a portal.
    this.baseUp[slot] = this.baseUp[slot]! + this.lastUp[slot]! - (isOld ? client.up : 0);
    this.baseDown[slot] = this.baseDown[slot]! + this.lastDown[slot]! - (isOld ? client.down : 0);
    return true;
  }

  /**
   * The slot of a client, or the free one where it belongs; -1 when it is new and the table is full. It takes the client:
   * a MAC that is handed over by itself may be an object on the heap.
   */
  #slotOf({ mac, ip }: Pick<Scanned, 'mac' | 'ip'>): number {
    const mask = this.slots - 1;
    let slot = mixed(mac, ip) & mask;
    for (; this.flags[slot]! & used; slot = (slot + 1) & mask)
      if (this.mac[slot] === mac && this.ip[slot] === ip) return slot;
    return this.header[0]! < this.capacity ? slot : -1;
  }
}
