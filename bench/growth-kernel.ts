import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { deviceAt } from '../packages/simulators/device.js';
import { writeMany } from '../test/many/journal.js';
import { type DaemonProcess, routerFlags, startProcess } from '../test/rig/daemon.js';
import { buildNetwork } from '../test/system/rig/network.js';
import { ownShop } from '../test/system/rig/own-shop.js';
import type { Room } from '../test/system/rig/room.js';
import { buy, cpuOf, cpuOfChildren } from './costs.js';
import { hasKernel } from './has-kernel.js';
import type { Options } from './options.js';
import { type Pair, pairOf, pairs } from './pairs.js';

/**
 * CPU of one operation in ms: of the daemon, without what it does by itself meanwhile. That is several times as much with
 * many sessions, so the figures are uncertain by some ms; a table that each sale makes anew costs hundreds.
 */
export interface KernelGrowthResult {
  readonly sessions: number;
  /** `a` with {@link sessions} open ones, `b` with a hundred. */
  readonly sale: Pair;
  /** The same of the nft that it starts. */
  readonly nft: Pair;
  readonly topUps: number;
  /** `a` after {@link topUps}, `b` of a session that has just begun. */
  readonly topUp: Pair;
}

/** Sales, or top-ups, of one measure. */
const batch = 50;
/** Devices that buy are none of those of the journal. */
const firstBuyer = 20_000;
/** How long a daemon is left alone to see what it does by itself, in ms: there is one audit in it. */
const restMs = 10_000;

/**
 * What sales and top-ups cost as a shop grows whose table is in the kernel, at turnpike's own gate: two daemons, each in a
 * network of its own, in turns. What a daemon does by itself in the time is taken off: looks and audits. Undefined where
 * there are no namespaces or no nft; a daemon that does not start there is a failure.
 */
export async function measureKernelGrowth({ quick }: Options): Promise<KernelGrowthResult | undefined> {
  const [sessions, topUps] = quick ? [1_000, 300] : [9_700, 1_000];
  if (!(await hasKernel())) return undefined;
  const shops: KernelShop[] = [];
  try {
    for (const size of [sessions, 100]) shops.push(await KernelShop.open(size));
    return { sessions, topUps, ...(await measure(shops[0]!, shops[1]!, quick ? 3 : 5, topUps)) };
  } finally {
    for (const shop of shops) await shop.close();
  }
}

async function measure(large: KernelShop, small: KernelShop, rounds: number, topUps: number) {
  const sale = await pairs(
    rounds,
    () => large.sell(),
    () => small.sell(),
  );
  const nft = pairOf(large.nft, small.nft);
  for (let n = 0; n < topUps; n += batch) await small.topUp(0);
  const topUp = await pairs(
    rounds,
    () => small.topUp(0),
    () => small.topUp(small.fresh()),
  );
  for (const { median } of [sale.a, sale.b, topUp.a, topUp.b])
    if (median <= 0)
      throw new Error('what the daemons do by themselves hides what is sold: no ratio says anything');
  return { sale, nft, topUp };
}

class KernelShop {
  readonly #dir: string;
  readonly #rooms: readonly Room[];
  readonly #daemon: DaemonProcess;
  /** CPU of nft for each sale, in ms, a value for each batch. */
  readonly nft: number[] = [];
  /** CPU in a millisecond in which nobody buys, of the daemon and of the nft of its looks and audits. */
  #own = { daemon: 0, nft: 0 };
  #customers = 0;
  #orders = 0;
  #fresh = 1;

  private constructor(dir: string, rooms: readonly Room[], daemon: DaemonProcess) {
    this.#dir = dir;
    this.#rooms = rooms;
    this.#daemon = daemon;
  }

  /** @throws what keeps the daemon from starting */
  static async open(sessions: number): Promise<KernelShop> {
    const dir = mkdtempSync(join(tmpdir(), 'turnpike-bench-'));
    const rooms: Room[] = [];
    try {
      const state = join(dir, 'state');
      await writeMany(state, sessions, Date.now());
      const { gateway } = await buildNetwork(1, rooms, true);
      const at = { nft: '/usr/sbin/nft', network: gateway.pid, state, flags: routerFlags };
      return new KernelShop(dir, rooms, await startProcess(ownShop(), at));
    } catch (cause) {
      for (const room of rooms) await room.close();
      rmSync(dir, { recursive: true, force: true });
      throw cause;
    }
  }

  /** A customer who has bought once. */
  fresh(): number {
    return this.#fresh++;
  }

  /** New customers buy. @returns CPU of each sale, in ms */
  async sell(): Promise<number> {
    const from = this.#customers;
    this.#customers += batch;
    await this.#rest();
    const before = this.#used();
    const own = await this.#cpuOfEach((n) => this.#buy(from + n));
    const { at, nft } = this.#used();
    this.nft.push((nft - before.nft - this.#own.nft * (at - before.at)) / batch);
    return own;
  }

  /** One customer buys more. @returns CPU of each top-up, in ms */
  topUp(customer: number): Promise<number> {
    return this.#cpuOfEach(() => this.#buy(customer));
  }

  async close(): Promise<void> {
    await this.#daemon.close();
    for (const room of this.#rooms) await room.close();
    rmSync(this.#dir, { recursive: true, force: true });
  }

  async #rest(): Promise<void> {
    const before = this.#used();
    await sleep(restMs);
    const { at, daemon, nft } = this.#used();
    const ms = at - before.at;
    this.#own = { daemon: (daemon - before.daemon) / ms, nft: (nft - before.nft) / ms };
  }

  /** CPU so far, and when that was. */
  #used(): { readonly at: number; readonly daemon: number; readonly nft: number } {
    const pid = this.#daemon.pid();
    return { at: performance.now(), daemon: cpuOf(pid), nft: cpuOfChildren(pid) };
  }

  async #cpuOfEach(work: (n: number) => Promise<void>): Promise<number> {
    const before = this.#used();
    for (let n = 0; n < batch; n++) await work(n);
    const { at, daemon } = this.#used();
    return (daemon - before.daemon - this.#own.daemon * (at - before.at)) / batch;
  }

  #buy(customer: number): Promise<void> {
    const { mac } = deviceAt(firstBuyer + customer);
    return buy(this.#daemon, { mac, steps: 900, idempotency_key: `k${this.#orders++}` });
  }
}
