import type { Dialect } from '../../src/domain/dialect.js';
import type { Mac } from '../../src/domain/mac.js';
import { type Counters, countersOf, hiddenBy, printAll, printOne, type SimClient } from './portal-client.js';
import { type PortalFaults, PortalServer, type Reply } from './portal-server.js';
import { arrival, move, recall, type Served, zero } from './portal-stay.js';

/**
 * A captive portal without packets: it speaks the control-socket protocol of openNDS or nodogsplash, quirks and all,
 * and counts what its clients say they move.
 */
export class SimulatedPortal {
  readonly dialect: Dialect;
  readonly server: PortalServer;
  /** Commands that it carried out. */
  readonly counts = { json: 0, auth: 0, deauth: 0, refused: 0 };
  /** `auth` answers `No` and does nothing. */
  refuseAuth = false;
  /** `deauth` answers `No` and does nothing. */
  refuseDeauth = false;
  /** The counters stand still while traffic flows, as after a firewall flush. */
  frozen = false;
  #clients: SimClient[] = [];
  /** The clients as they were when the portal was last stopped. */
  #file: SimClient[] = [];
  #nextId = 1;
  readonly #unread = new Map<Mac, number>();
  readonly #doubtful = new Map<Mac, number>();
  /** Counts how often a client's counters went: a reply that arrives late is of the stay before. */
  readonly #stays = new WeakMap<SimClient, number>();
  /** What a reply last showed of each client. */
  readonly #shown = new WeakMap<SimClient, Counters>();
  readonly #served = new Map<Mac, Served>();
  readonly #random: () => number;

  /** `random`: numbers from 0 to 1, for tokens. */
  constructor(dialect: Dialect, socket: string, random: () => number = Math.random) {
    this.dialect = dialect;
    this.#random = random;
    this.server = new PortalServer(socket, (command) => this.#answer(command));
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
   * Stops and starts. With openNDS every client comes back shut, at zero, with a new token; nodogsplash writes its
   * clients down and has them back as they were, but for the rules that count.
   */
  async restart(): Promise<void> {
    if (this.dialect.name === 'nodogsplash') this.#file = this.#clients.map((client) => ({ ...client }));
    await this.crash();
  }

  /** Ends with no time to write anything down and starts: nodogsplash reads the file of the last time that it had. */
  async crash(): Promise<void> {
    await this.stop();
    for (const client of this.#clients) {
      const written = this.#file.find(({ mac, ip }) => mac === client.mac && ip === client.ip);
      if (!written) this.#reset(client);
      else if (!recall(client, written)) this.#giveUp(client);
    }
    await this.start();
  }

  /** A device makes its first request. One device may have several addresses. */
  join(mac: Mac, ip: string): void {
    if (this.#clients.some((c) => c.mac === mac && c.ip === ip)) return;
    const client = arrival(this.#nextId++, mac, ip);
    this.#reset(client);
    this.#clients.push(client);
  }

  /** The portal forgets a device, as after its idle time-out. */
  leave(mac: Mac): void {
    for (const client of this.#clients) if (client.mac === mac) this.#giveUp(client);
    this.#clients = this.#clients.filter((c) => c.mac !== mac);
  }

  knows(mac: Mac): boolean {
    return this.#clients.some((c) => c.mac === mac);
  }

  isOpen(mac: Mac): boolean {
    return this.#clients.some((c) => c.mac === mac && c.open);
  }

  /** The rates that it was told for a device, in kbit/s up and down; 0 for none. */
  ratesOf(mac: Mac): number[] {
    return this.#clients.flatMap((c) => (c.mac === mac ? [c.upRate, c.downRate] : []));
  }

  /** Devices whose gate is open. */
  openMacs(): Mac[] {
    return this.#clients.filter((c) => c.open).map((c) => c.mac);
  }

  get size(): number {
    return this.#clients.length;
  }

  /** Lets a device move bytes. @returns whether they passed its gate. */
  carry(mac: Mac, up: number, down: number, ip?: string): boolean {
    const client = this.#clients.find((c) => c.mac === mac && (ip === undefined || c.ip === ip));
    if (!client?.open) return false;
    const served = this.served(mac);
    served.up += up;
    served.down += down;
    if (this.frozen) return true;
    const counted = move(client, up, down);
    client.unread += counted;
    this.#unread.set(mac, this.unread(mac) + up + down - counted);
    client.lastActive = Math.floor(Date.now() / 1000);
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

  /**
   * Bytes of this device that no reader of the replies can know of: their counters went before a reply had shown them,
   * or fell and passed where they had last been shown before a reply showed the fall.
   */
  unread(mac: Mac): number {
    return this.#unread.get(mac) ?? 0;
  }

  /** Bytes among {@link unread} that a reply which was torn on its way may have shown all the same. */
  doubtful(mac: Mac): number {
    return this.#doubtful.get(mac) ?? 0;
  }

  /** The counters fall to zero with nothing else changed. */
  resetCounters(): void {
    for (const client of this.#clients) {
      zero(client);
      this.#giveUp(client);
    }
  }

  #answer(command: string): Reply {
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
        return { text: `==================\nCurrent clients: ${this.#clients.length}\n` };
      default:
        return { text: '' };
    }
  }

  #print(name: string): Reply {
    const client = this.#find(name);
    const printed = name === '' ? this.#clients : client ? [client] : [];
    const shown = printed.map((one) => {
      const stay = this.#stays.get(one) ?? 0;
      return { one, bytes: one.unread, stay, counters: countersOf(one, this.dialect, stay) };
    });
    const text = name === '' ? printAll(this.dialect, this.#clients) : printOne(this.dialect, client);
    const arrived = (length: number) => {
      let end = 0;
      for (const { one, bytes, stay, counters } of shown) {
        // A client whose object was cut off has been shown to nobody.
        if (text.length > length) end = text.indexOf('}', text.indexOf(one.mac, end));
        if (end >= length) break;
        const hidden = hiddenBy(this.#shown.get(one), counters);
        this.#shown.set(one, counters);
        if (stay === this.#stays.get(one)) one.unread -= bytes;
        else this.#unread.set(one.mac, this.unread(one.mac) - bytes);
        this.#unread.set(one.mac, this.unread(one.mac) + hidden);
      }
    };
    const torn = () => {
      for (const { one, bytes } of shown) this.#doubtful.set(one.mac, this.doubtful(one.mac) + bytes);
    };
    return { text, arrived, torn };
  }

  #auth(argument: string): boolean {
    const [name = '', , up = '0', down = '0'] = argument.split(',');
    const client = this.#find(this.dialect.name === 'opennds' ? name : argument);
    if (!client || client.open || this.refuseAuth) return false;
    this.counts.auth += 1;
    client.open = true;
    if (this.dialect.name === 'opennds') {
      client.sessionStart = Math.floor(Date.now() / 1000);
      zero(client);
      client.upRate = Number(up);
      client.downRate = Number(down);
    }
    return true;
  }

  #deauth(name: string): boolean {
    const client = this.#find(name);
    if (this.refuseDeauth) this.counts.refused += 1;
    if (!client?.open || this.refuseDeauth) return false;
    this.counts.deauth += 1;
    this.#giveUp(client);
    if (this.dialect.name === 'opennds') this.#clients = this.#clients.filter((c) => c !== client);
    else this.#reset(client);
    return true;
  }

  /** By MAC the first of several, by address or token the one. */
  #find(name: string): SimClient | undefined {
    return this.#clients.find((c) => c.mac === name || c.ip === name || c.token === name);
  }

  #giveUp(client: SimClient): void {
    this.#stays.set(client, (this.#stays.get(client) ?? 0) + 1);
    this.#unread.set(client.mac, this.unread(client.mac) + client.unread);
    client.unread = 0;
  }

  #reset(client: SimClient): void {
    this.#giveUp(client);
    client.open = false;
    zero(client);
    client.sessionStart = 0;
    client.token = Math.floor(this.#random() * 2 ** 32)
      .toString(16)
      .padStart(8, '0');
    client.lastActive = Math.floor(Date.now() / 1000);
  }
}
