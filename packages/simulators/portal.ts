import type { Dialect } from '../../src/domain/dialect.js';
import type { Mac } from '../../src/domain/mac.js';
import type { SimulatedDialect } from './dialects/dialect.js';
import { dialectNamed } from './dialects/registry.js';
import { arrival, forget, move, recall, type SimClient, zero } from './portal-client.js';
import { PortalClients } from './portal-clients.js';
import { type PortalFaults, PortalServer, type Reply } from './portal-server.js';
import { Sightings } from './portal-sightings.js';

/** Bytes that passed a gate, whatever the portal's counters say: tests compare the daemon's books with these. */
export interface Served {
  up: number;
  down: number;
}

/**
 * A captive portal without packets: it speaks the control-socket protocol of a real one, quirks and all, and counts
 * what its clients say they move.
 */
export class SimulatedPortal {
  readonly dialect: Dialect;
  readonly server: PortalServer;
  /** Commands that it carried out. */
  readonly counts = { json: 0, auth: 0, deauth: 0, refused: 0 };
  /** `auth` or `deauth` answers `No` and does nothing. */
  refuseAuth = false;
  refuseDeauth = false;
  /** Says what of a device's bytes the kernel lets pass. All of them when it is absent. */
  kernel: ((mac: Mac, bytes: Served) => Readonly<Served>) | undefined;
  /** The counters stand still while traffic flows, as after a firewall flush. */
  frozen = false;
  readonly #played: SimulatedDialect;
  readonly #sightings: Sightings;
  readonly #served = new Map<Mac, Served>();
  readonly #random: () => number;
  /** Devices that the kernel has spoken with, by MAC: their address. */
  readonly #neighbours = new Map<string, string>();
  readonly #now: () => number;
  readonly #clients = new PortalClients();
  /** What the program wrote down when it was last stopped. */
  #file: SimClient[] = [];
  #nextId = 1;

  /**
   * @param socket where it listens, from {@link start} on
   * @param random numbers from 0 to 1, for tokens
   * @param now wall clock, in ms
   */
  constructor(dialect: Dialect, socket: string, random = Math.random, now: () => number = Date.now) {
    this.dialect = dialect;
    this.#played = dialectNamed(dialect.name)!;
    this.#sightings = new Sightings(dialect);
    this.#random = random;
    this.#now = now;
    this.server = new PortalServer(socket, (command) => this.answer(command));
  }

  get faults(): PortalFaults {
    return this.server.faults;
  }

  start(): Promise<void> {
    return this.server.start();
  }

  stop(): Promise<void> {
    return this.server.stop();
  }

  /**
   * Stops and starts. A dialect that keeps its clients has them back as they were, with new firewall rules; otherwise
   * each comes back shut, at zero, with a new token.
   */
  async restart(): Promise<void> {
    this.writeDown();
    await this.crash();
  }

  /** Is killed and starts: a dialect that keeps its clients reads the file that its last restart wrote. */
  async crash(): Promise<void> {
    await this.stop();
    this.recallClients();
    await this.start();
  }

  /** What a dialect that keeps its clients does when it is stopped: it writes its file. */
  writeDown(): void {
    if (this.#played.keepsClients) this.#file = [...this.#clients].map((client) => ({ ...client }));
  }

  /** What becomes of the clients at a start. */
  recallClients(): void {
    for (const client of this.#clients) {
      const written = this.#file.find(({ mac, ip }) => mac === client.mac && ip === client.ip);
      if (!written) this.#reset(client);
      else if (!recall(client, written)) this.#sightings.lose(client);
    }
  }

  /** A device makes its first request. One device may have several addresses. */
  join(mac: Mac, ip: string): void {
    if (this.#clients.ofMac(mac).some((client) => client.ip === ip)) return;
    const client = arrival(this.#nextId++, mac, ip);
    this.#reset(client);
    this.#clients.add(client);
  }

  /** A device is on the network, and has asked for no page yet: the portal does not list it. */
  meet(mac: Mac, ip: string): void {
    this.#neighbours.set(mac, ip);
  }

  /** The portal forgets a device, as after its idle time-out. */
  leave(mac: Mac): void {
    for (const client of this.#clients.ofMac(mac)) {
      this.#sightings.lose(client);
      this.#clients.delete(client);
    }
  }

  knows(mac: Mac): boolean {
    return this.#clients.ofMac(mac).length > 0;
  }

  isOpen(mac: Mac): boolean {
    return this.#clients.ofMac(mac).some((client) => client.open);
  }

  /** The rates that it was told for a device, in kbit/s; 0 for none. */
  ratesOf(mac: Mac): { readonly up: number; readonly down: number } | undefined {
    const client = this.#clients.ofMac(mac)[0];
    return client && { up: client.upRate, down: client.downRate };
  }

  /** Devices whose gate is open. */
  openMacs(): Mac[] {
    return [...this.#clients].filter((client) => client.open).map((client) => client.mac);
  }

  /** Clients that it knows. */
  get size(): number {
    return this.#clients.size;
  }

  /** Lets a device move bytes, as far as the kernel lets them pass. @returns whether its gate is open. */
  carry(mac: Mac, up: number, down: number, ip?: string): boolean {
    const client = this.#clients.ofMac(mac).find((one) => ip === undefined || one.ip === ip);
    if (!client?.open) return false;
    const passed = this.kernel?.(mac, { up, down }) ?? { up, down };
    const served = this.served(mac);
    served.up += passed.up;
    served.down += passed.down;
    if (this.frozen) return true;
    this.#sightings.moved(client, passed.up + passed.down, move(client, passed.up, passed.down));
    client.lastActive = this.#seconds();
    return true;
  }

  /** What this device moved through its open gate since the simulation began. */
  served(mac: Mac): Served {
    let served = this.#served.get(mac);
    if (!served) {
      served = { up: 0, down: 0 };
      this.#served.set(mac, served);
    }
    return served;
  }

  /** {@link Sightings.unread} */
  unread(mac: Mac): number {
    return this.#sightings.unread(mac);
  }

  /** {@link Sightings.doubtful} */
  doubtful(mac: Mac): number {
    return this.#sightings.doubtful(mac);
  }

  /** The counters fall to zero with nothing else changed. */
  resetCounters(): void {
    for (const client of this.#clients) {
      zero(client);
      this.#sightings.lose(client);
    }
  }

  /** Carries out a command; callers without a socket say themselves what arrived of the reply. */
  answer(command: string): Reply {
    const space = command.indexOf(' ');
    const verb = space < 0 ? command : command.slice(0, space);
    const argument = space < 0 ? '' : command.slice(space + 1);
    switch (verb) {
      case 'json':
        this.counts.json += 1;
        return this.#print(argument);
      case 'auth':
        return { text: this.#auth(argument) ? 'Yes' : 'No' };
      case 'deauth':
        return { text: this.#deauth(argument) ? 'Yes' : 'No' };
      case 'status':
        return { text: `==================\nCurrent clients: ${this.#clients.size}\n` };
      default:
        return { text: '' };
    }
  }

  #print(name: string): Reply {
    if (name === '') {
      const all = [...this.#clients];
      return this.#sightings.replyOf(this.#played.printAll(all), all);
    }
    const client = this.#clients.find(name);
    return this.#sightings.replyOf(this.#played.printOne(client), client ? [client] : []);
  }

  #auth(argument: string): boolean {
    const { name, upRate, downRate } = this.#played.parseAuth(argument);
    const near = this.#played.findsUnlisted && !this.#clients.find(name) && this.#neighbours.get(name);
    if (near) this.join(name as Mac, near);
    const client = this.#clients.find(name);
    if (!client || client.open || this.refuseAuth) return false;
    this.counts.auth += 1;
    Object.assign(client, { open: true, upRate, downRate });
    if (this.#played.startsAtAuth) {
      client.sessionStart = this.#seconds();
      zero(client);
    }
    return true;
  }

  #deauth(name: string): boolean {
    const client = this.#clients.find(name);
    if (this.refuseDeauth) this.counts.refused += 1;
    if (!client?.open || this.refuseDeauth) return false;
    this.counts.deauth += 1;
    this.#sightings.lose(client);
    if (this.#played.forgetsAtDeauth) this.#clients.delete(client);
    else this.#reset(client);
    return true;
  }

  #reset(client: SimClient): void {
    this.#sightings.lose(client);
    forget(client, this.#random, this.#seconds());
  }

  #seconds(): number {
    return Math.floor(this.#now() / 1000);
  }
}
