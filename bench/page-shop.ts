// The daemon on a network with many devices, with its page or without.
import { mkdtempSync, rmSync } from 'node:fs';
import { setPriority, tmpdir } from 'node:os';
import { join } from 'node:path';
import { deviceAt } from '../packages/simulators/device.js';
import { type DaemonProcess, routerFlags, startProcess } from '../test/rig/daemon.js';
import { Room } from '../test/system/rig/room.js';
import { type Helper, startHelper } from './child.js';
import { buy, memoryOf, restart } from './costs.js';
import { spreadOf } from './pairs.js';

/** The page's port, in a network of its own. */
const port = 2080;
const bytesPerSecond = 50_000;
/** What else this machine does is neither the daemon's nor the phones'. */
const priority = -15;
/** How often memory is looked at, once in a second. */
const looks = 5;

/** A network whose kernel knows every device. */
export class Street {
  readonly room: Room;
  readonly phones: Helper;

  constructor(room: Room, phones: Helper) {
    this.room = room;
    this.phones = phones;
  }

  /** @param devices how many there are @throws where there are no namespaces */
  static async open(devices: number): Promise<Street> {
    const room = await Room.open();
    const known = Array.from({ length: devices }, (_, n) => deviceAt(n)).map(
      ({ mac, ip }) => `neigh add ${ip} lladdr ${mac} dev br-lan nud permanent\n`,
    );
    const network = [
      'link add br-lan type bridge',
      'link set br-lan up',
      'route add local 10.77.0.0/16 dev lo',
    ];
    try {
      await room.run('ip', ['-batch', '-'], `${network.join('\n')}\n${known.join('')}`);
      const phones = await startHelper('page-child.js', [String(port)], [], room.pid);
      setPriority(phones.pid, priority);
      return new Street(room, phones);
    } catch (cause) {
      await room.close();
      throw cause;
    }
  }

  async close(): Promise<void> {
    await this.phones.stop();
    await this.room.close();
  }
}

/** A daemon from the bundle, with a simulated portal whose customers move bytes. */
export class Shop {
  readonly #dir: string;
  readonly #portal: Helper;
  readonly #daemon: DaemonProcess;

  constructor(dir: string, portal: Helper, daemon: DaemonProcess) {
    this.#dir = dir;
    this.#portal = portal;
    this.#daemon = daemon;
  }

  static async open({ room }: Street, hasPage: boolean): Promise<Shop> {
    const dir = mkdtempSync(join(tmpdir(), 'turnpike-bench-'));
    const socket = join(dir, 'ndsctl.sock');
    const portal = await startHelper('traffic-child.js', [socket, String(bytesPerSecond), '1000']);
    const daemon = await startProcess(
      `config gateway 'lan'\n\toption type 'opennds'\n\toption socket '${socket}'\n\tlist interface 'br-lan'\n` +
        `config plan 'time'\n\toption metric 'time'\n\toption step '24h'\n\tlist price '1 USD'\n` +
        `config method 'cash'\n\tlist currency 'USD 2'\n` +
        (hasPage ? "config web 'web'\n\toption enabled '1'\n" : ''),
      { flags: routerFlags, network: room.pid, ...(hasPage && { page: port }) },
    );
    return new Shop(dir, portal, daemon);
  }

  /** The first devices come and buy. */
  async sell(count: number): Promise<void> {
    const clients = Array.from({ length: count }, (_, n) => deviceAt(n));
    await this.#portal.ask({ join: clients });
    for (const { mac } of clients) await buy(this.#daemon, { mac, idempotency_key: mac });
  }

  /** @returns from the start of the process to its object on ubus, in ms */
  restart(): Promise<number> {
    return restart(this.#daemon);
  }

  /** What it holds, and what of that is no file's, in MB: medians of some seconds. */
  async memory(): Promise<{ all: number; own: number }> {
    const all: number[] = [];
    const own: number[] = [];
    for (let look = 0; look < looks; look++) {
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      all.push(memoryOf(this.#daemon.pid(), 'VmRSS'));
      own.push(memoryOf(this.#daemon.pid(), 'RssAnon'));
    }
    return { all: spreadOf(all).median, own: spreadOf(own).median };
  }

  /** Has it go before what else this machine does. */
  goFirst(): void {
    setPriority(this.#daemon.pid(), priority);
  }

  async close(): Promise<void> {
    await this.#daemon.close();
    await this.#portal.stop();
    rmSync(this.#dir, { recursive: true });
  }
}
