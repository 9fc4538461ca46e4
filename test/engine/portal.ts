// A portal in this process, which answers at once and fails when it is told to.
import type { Mac } from '../../src/domain/mac.js';
import type { Baseline, GateOutcome, PollOutcome, PortalFault, Reading } from '../../src/domain/reading.js';
import { type Bytes, bytes } from '../../src/domain/units.js';
import type { Portal } from '../../src/ports/portal.js';

interface Client {
  open: boolean;
  up: number;
  down: number;
  epoch: number;
}

/** A portal that behaves like openNDS (`deauth` forgets the client) or like nodogsplash (it keeps it). */
export class TestPortal implements Portal {
  readonly name: string;
  readonly forgets: boolean;
  readonly clients = new Map<Mac, Client>();
  /** Bytes that passed an open gate: what the books are compared with. */
  readonly served = new Map<Mac, number>();
  readonly commands: string[] = [];
  fault: PortalFault | undefined;
  failGates = false;
  /** Clients that nobody counts. */
  unmetered = 0;
  /** Replies break off before the first client. */
  isCut = false;
  /** Open clients move a little at every turn of a gate. */
  chatter = false;
  /** Clients that a restart brings back open, with counters that stand still. */
  readonly restored = new Set<Mac>();
  #last = new Map<Mac, Client>();
  #epoch = 1;

  constructor(name: string, forgets = false) {
    this.name = name;
    this.forgets = forgets;
  }

  join(mac: Mac): void {
    this.#forget(mac);
    this.clients.set(mac, { open: false, up: 0, down: 0, epoch: this.#epoch++ });
  }

  leave(mac: Mac): void {
    this.#forget(mac);
    this.clients.delete(mac);
  }

  /** Every client starts anew, shut and at zero, as after a restart of the portal. */
  restart(): void {
    for (const mac of this.clients.keys()) this.join(mac);
  }

  carry(mac: Mac, up: number, down: number): void {
    const client = this.clients.get(mac);
    if (!client?.open) return;
    client.up += up;
    client.down += down;
    this.served.set(mac, (this.served.get(mac) ?? 0) + up + down);
  }

  /** What the portal counted and nobody has read is lost with its counters: no book can have it. */
  #forget(mac: Mac): void {
    const client = this.clients.get(mac);
    if (!client) return;
    const last = this.#last.get(mac);
    const read = last?.epoch === client.epoch ? last.up + last.down : 0;
    this.served.set(mac, (this.served.get(mac) ?? 0) - (client.up + client.down - read));
  }

  restore(baselines: readonly Baseline[]): void {
    for (const b of baselines) this.#last.set(b.mac, { open: false, up: b.up, down: b.down, epoch: b.epoch });
  }

  async poll(): Promise<PollOutcome> {
    if (this.fault) return { ok: false, reason: this.fault, detail: 'told to', tookMs: 1 };
    const reply = { ok: true, unmetered: this.unmetered, tookMs: 1, lag: 0 } as const;
    if (this.isCut) return { ...reply, complete: false, readings: [], clients: 0 };
    const readings: Reading[] = [];
    for (const mac of new Set([...this.clients.keys(), ...this.#last.keys()]))
      readings.push(...this.#read(mac));
    return { ...reply, complete: true, readings, clients: this.clients.size };
  }

  async open(mac: Mac): Promise<GateOutcome> {
    return this.#turn('open', mac, (client) => {
      client.open = true;
    });
  }

  async close(mac: Mac): Promise<GateOutcome> {
    return this.#turn('close', mac, () => {
      if (this.forgets) this.leave(mac);
      else this.join(mac);
    });
  }

  #turn(what: 'open' | 'close', mac: Mac, act: (client: Client) => void): GateOutcome {
    this.commands.push(`${what} ${mac}`);
    // Traffic does not wait for a gate's turn: what moved since the last poll is in the counters only.
    if (this.chatter) for (const other of this.clients.keys()) this.carry(other, 1, 2);
    if (this.fault || this.failGates) {
      return { ok: false, reason: this.fault ?? 'unchanged', detail: 'told to', before: [] };
    }
    const before = this.#read(mac);
    const client = this.clients.get(mac);
    if (!client && what === 'open') return { ok: false, reason: 'unknown-client', detail: '', before };
    if (client) act(client);
    return { ok: true, before, after: this.#read(mac) };
  }

  #read(mac: Mac): Reading[] {
    const client = this.clients.get(mac);
    const last = this.#last.get(mac);
    if (!client && !last) return [];
    const now = client ?? { ...last!, open: false };
    const same = last !== undefined && last.epoch === now.epoch;
    const delta = (counter: 'up' | 'down') => (same ? now[counter] - last[counter] : now[counter]) as Bytes;
    if (client) this.#last.set(mac, { ...client });
    else this.#last.delete(mac);
    const baseline = { mac, ip: '10.0.0.1', epoch: now.epoch, up: bytes(now.up), down: bytes(now.down) };
    const flags = {
      open: now.open,
      fresh: !last,
      reset: !same,
      restored: this.restored.delete(mac),
      gone: !client,
    };
    return [{ mac, ip: '10.0.0.1', up: delta('up'), down: delta('down'), ...flags, baseline }];
  }
}
