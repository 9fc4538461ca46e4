import type { Table } from 'openwrt-ubus';
import * as assert from 'uvu/assert';
import { type DaemonProcess, type ProcessOptions, startProcess } from '../../rig/daemon.js';
import { until } from '../../rig/until.js';
import { countArrivals, crossed } from './arrivals.js';
import { Client } from './client.js';
import { buildNetwork } from './network.js';
import { startWebServer } from './rig.js';
import type { Room } from './room.js';

/** The port of turnpike's page at the gateway. */
export const pagePort = 2080;

/** A gateway where turnpike stands at the gate itself, between clients and a web server, with IPv4 and IPv6. */
export class OwnShop {
  readonly daemon: DaemonProcess;
  readonly clients: readonly Client[];
  readonly gateway: Room;
  /** Every machine: the gateway, the web server, then the clients. */
  readonly rooms: readonly Room[];
  #keys = 0;

  private constructor(daemon: DaemonProcess, clients: readonly Client[], rooms: readonly Room[]) {
    this.daemon = daemon;
    this.clients = clients;
    this.gateway = rooms[0]!;
    this.rooms = rooms;
  }

  /**
   * @param gateway more options of the portal's section, a line each
   * @param more sections, by what is in the web server's room before the daemon starts
   * @param own of the daemon's process
   */
  static async open(
    clients: number,
    gateway: readonly string[] = [],
    more: (wan: Room) => Promise<string> = async () => '',
    own: Pick<ProcessOptions, 'user' | 'state' | 'flags'> = {},
  ): Promise<OwnShop> {
    const rooms: Room[] = [];
    try {
      const network = await buildNetwork(clients, rooms, true);
      await startWebServer(network.wan);
      const started = await Promise.all(network.stations.map((station) => Client.start(station)));
      await countArrivals(network.wan, started);
      const at = { nft: '/usr/sbin/nft', page: pagePort, network: network.gateway.pid };
      const sections = ownShop(gateway) + (await more(network.wan));
      return new OwnShop(await startProcess(sections, { ...at, ...own }), started, rooms);
    } catch (error) {
      await Promise.all(rooms.map((room) => room.close()));
      throw error;
    }
  }

  /** Sells something, and resolves when the gate is open. */
  async sell(client: Client, steps: number, plan = 'data'): Promise<Table> {
    this.#keys += 1;
    const payment = { method: 'cash', reference: 'system test' };
    const order = { mac: client.mac, plan, steps, payment, idempotency_key: `k${this.#keys}` };
    const sold = await this.daemon.call('purchase', order);
    assert.is(sold.error, undefined, JSON.stringify(sold) + this.daemon.log());
    const isOpen = async () => (await this.session(sold.id)).state === 'active';
    await until('the gate is open', isOpen, () => JSON.stringify(sold) + this.daemon.log());
    return sold;
  }

  session(id: unknown): Promise<Table> {
    return this.daemon.call('session', { id });
  }

  /** Bytes that a session is billed. */
  async billed(id: unknown): Promise<number> {
    const { up_bytes, down_bytes } = await this.session(id);
    return Number(up_bytes) + Number(down_bytes);
  }

  /** Octets of a client's that crossed the gateway. */
  crossed(client: Client): Promise<number> {
    return crossed(this.rooms[1]!, client);
  }

  /** Ends a session. @returns what it was billed, to its end */
  async end(id: unknown): Promise<number> {
    await this.daemon.call('close', { id });
    await until('closed', async () => (await this.session(id)).state === 'terminated');
    return this.billed(id);
  }

  async close(): Promise<void> {
    await this.daemon.close();
    await Promise.all(this.rooms.map((room) => room.close()));
  }
}

/** Sections of a shop at turnpike's own gate. */
export function ownShop(gateway: readonly string[] = []): string {
  return `config gateway 'lan'
	option type 'nftables'
	list interface 'br-lan'
${gateway.map((option) => `\t${option}\n`).join('')}config plan 'data'
	option metric 'bytes'
	option step '1 MB'
	list price '0.05 USD'
config plan 'time'
	option metric 'time'
	option step '1s'
	list price '0.01 USD'
config method 'cash'
	list currency 'USD 2'
`;
}
