// The daemon on a network with many devices, with its page or without.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { setPriority, tmpdir } from 'node:os';
import { join } from 'node:path';
import { deviceAt } from '../packages/simulators/device.js';
import { type DaemonProcess, routerFlags, startProcess } from '../test/rig/daemon.js';
import { Room } from '../test/system/rig/room.js';
import { type Helper, startHelper } from './child.js';
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
    for (const { mac } of clients) {
      const payment = { method: 'cash', reference: 'till' };
      const order = { mac, plan: 'time', payment, idempotency_key: mac };
      const { id, error } = await this.#daemon.call('purchase', order);
      if (!id) throw new Error(`nothing was sold: ${JSON.stringify(error)}`);
    }
  }

  /** @returns from the start of the process to its object on ubus, in ms */
  async restart(): Promise<number> {
    await this.#daemon.end('SIGTERM');
    let registered = 0;
    const stop = await this.#daemon.bus.listen('ubus.object.add', (_event, { path }) => {
      if (path === 'turnpike') registered = performance.now();
    });
    const started = performance.now();
    await this.#daemon.start();
    await stop();
    return registered - started;
  }

  /** What it holds, and what of that is no file's, in MB: medians of some seconds. */
  async memory(): Promise<{ all: number; own: number }> {
    const all: number[] = [];
    const own: number[] = [];
    for (let look = 0; look < looks; look++) {
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      const text = readFileSync(`/proc/${this.#daemon.pid()}/status`, 'utf8');
      const megabytes = (name: string) =>
        (Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(text)?.[1]) * 1024) / 1e6;
      all.push(megabytes('VmRSS'));
      own.push(megabytes('RssAnon'));
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
