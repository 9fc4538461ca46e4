import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deviceAt } from '../packages/simulators/device.js';
import { type DaemonProcess, routerFlags, shop, startProcess } from '../test/rig/daemon.js';
import { startHelper } from './child.js';
import { buy, cpuOf } from './costs.js';
import type { Options } from './options.js';
import { type Pair, pairs } from './pairs.js';

export interface GrowthResult {
  /** Sessions that are open in the larger shop. */
  readonly sessions: number;
  /** CPU of a sale, in ms: `a` with {@link sessions} open ones, `b` with a hundred. */
  readonly sale: Pair;
  readonly topUps: number;
  /** CPU of a top-up, in ms: `a` after {@link topUps}, `b` of a session that has just begun. */
  readonly topUp: Pair;
  /** CPU from the start of the process, after a kill, to its object on ubus, in ms: `a` with {@link sessions}, `b` with none. */
  readonly restart: Pair;
}

/** Sales, or top-ups, of one measure. */
const batch = 50;

/** What sales, top-ups and restarts cost as a shop grows: two daemons from the bundle, in turns, on simulated portals. */
export async function measureGrowth({ quick }: Options): Promise<GrowthResult> {
  const rounds = quick ? 3 : 5;
  const [sessions, topUps] = quick ? [1_000, 300] : [9_700, 1_000];
  const shops = [await Shop.open(), await Shop.open(), await Shop.open()] as const;
  const [large, small, none] = shops;
  try {
    await large.sell(sessions);
    await small.sell(100);
    const sale = await pairs(
      rounds,
      () => large.sell(batch),
      () => small.sell(batch),
    );
    for (let n = 0; n < topUps; n += batch) await small.topUp(0);
    const topUp = await pairs(
      rounds,
      () => small.topUp(0),
      () => small.topUp(small.fresh()),
    );
    const restart = await pairs(
      rounds,
      () => large.restart(),
      () => none.restart(),
    );
    return { sessions, sale, topUps, topUp, restart };
  } finally {
    for (const one of shops) await one.close();
  }
}

class Shop {
  readonly #dir: string;
  readonly #portal: Awaited<ReturnType<typeof startHelper>>;
  readonly #daemon: DaemonProcess;
  #customers = 0;
  #orders = 0;
  #fresh = 1;

  constructor(dir: string, portal: Awaited<ReturnType<typeof startHelper>>, daemon: DaemonProcess) {
    this.#dir = dir;
    this.#portal = portal;
    this.#daemon = daemon;
  }

  static async open(): Promise<Shop> {
    const dir = mkdtempSync(join(tmpdir(), 'turnpike-bench-'));
    const socket = join(dir, 'ndsctl.sock');
    const portal = await startHelper('traffic-child.js', [socket, '0', '60000']);
    return new Shop(dir, portal, await startProcess(shop(socket), { flags: routerFlags }));
  }

  /** A customer who has bought once. */
  fresh(): number {
    return this.#fresh++;
  }

  /** New customers come and buy. @returns CPU of each sale, in ms */
  async sell(count: number): Promise<number> {
    const from = this.#customers;
    this.#customers += count;
    const join = Array.from({ length: count }, (_, i) => ({
      mac: deviceAt(from + i).mac,
      ip: `10.77.${(from + i) >> 8}.${(from + i) & 255}`,
    }));
    await this.#portal.ask({ join });
    return this.#cpuOfEach(count, (n) => this.#buy(from + n));
  }

  /** One customer buys more. @returns CPU of each top-up, in ms */
  topUp(customer: number): Promise<number> {
    return this.#cpuOfEach(batch, () => this.#buy(customer));
  }

  /** @returns CPU of the start, in ms */
  async restart(): Promise<number> {
    await this.#daemon.end('SIGKILL');
    await this.#daemon.start();
    return cpuOf(this.#daemon.pid());
  }

  async close(): Promise<void> {
    await this.#daemon.close();
    await this.#portal.stop();
    rmSync(this.#dir, { recursive: true });
  }

  async #cpuOfEach(count: number, work: (n: number) => Promise<void>): Promise<number> {
    const before = cpuOf(this.#daemon.pid());
    for (let n = 0; n < count; n++) await work(n);
    return (cpuOf(this.#daemon.pid()) - before) / count;
  }

  #buy(customer: number): Promise<void> {
    const { mac } = deviceAt(customer);
    return buy(this.#daemon, { mac, steps: 900, idempotency_key: `k${this.#orders++}` });
  }
}
