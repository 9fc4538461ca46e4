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
import { buy, cpuOfServing, cpuOfStarted } from './costs.js';
import { hasKernel } from './has-kernel.js';
import type { Options } from './options.js';
import { type Pair, pairOf, pairs } from './pairs.js';

/**
 * CPU of one operation in ms: of the daemon's thread that serves calls, writes the journal and has nft started, without what it
 * does by itself. Left out are the threads that read counters and those of the collector: these go by the time.
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

/** Sales, or top-ups, of one round, each after the one before. */
const batch = 50;
/** Devices that buy are none of those of the journal; so many are there. */
const firstBuyer = 20_000;
const buyers = 1_000;
/** The portal is asked as seldom as the configuration allows: that is no part of a sale. */
const seldom = ["option poll_min '60s'", "option poll_max '600s'"];

/**
 * What sales and top-ups cost as a shop grows whose table is in the kernel, at turnpike's own gate: two daemons, each in a
 * network of its own, in turns. What a daemon does by itself in the time is taken off; a look that an open gate has brought
 * forward is not. Undefined where there are no namespaces or no nft; a daemon that does not start there is a failure.
 */
export async function measureKernelGrowth({ quick }: Options): Promise<KernelGrowthResult | undefined> {
  const [sessions, topUps] = quick ? [1_000, 300] : [9_700, 1_000];
  if (!(await hasKernel())) return undefined;
  const shops: KernelShop[] = [];
  try {
    for (const size of [sessions, 100]) shops.push(await KernelShop.open(size, quick ? 3_000 : 10_000));
    return { sessions, topUps, ...(await measure(shops[0]!, shops[1]!, quick ? 3 : 5, topUps)) };
  } finally {
    for (const shop of shops) await shop.close();
  }
}

async function measure(large: KernelShop, small: KernelShop, rounds: number, topUps: number) {
  // What is compiled and learned by the first sales is no sale's.
  for (const shop of [large, small]) await shop.warmUp();
  const sale = await pairs(
    rounds,
    () => large.sell(),
    () => small.sell(),
  );
  const nft = pairOf(large.nft, small.nft);
  for (let n = 0; n < topUps; n++) await small.buy(0);
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

/** CPU so far, in ms, and when that was. */
interface Used {
  readonly at: number;
  readonly daemon: number;
  readonly nft: number;
}

class KernelShop {
  readonly #dir: string;
  readonly #rooms: readonly Room[];
  readonly #daemon: DaemonProcess;
  /** How long it is left alone before each round, in ms, to see what it does by itself: a full one holds an audit. */
  readonly #restMs: number;
  /** CPU of nft for each sale, in ms, a value for each round. */
  readonly nft: number[] = [];
  /** CPU in a millisecond in which nobody buys, of the daemon and of the nft of its looks and audits. */
  #own = { daemon: 0, nft: 0 };
  #customers = 0;
  #orders = 0;
  #fresh = 1;

  private constructor(dir: string, rooms: readonly Room[], daemon: DaemonProcess, restMs: number) {
    this.#dir = dir;
    this.#rooms = rooms;
    this.#daemon = daemon;
    this.#restMs = restMs;
  }

  /** @throws what keeps the daemon from starting */
  static async open(sessions: number, restMs: number): Promise<KernelShop> {
    const dir = mkdtempSync(join(tmpdir(), 'turnpike-bench-'));
    const rooms: Room[] = [];
    try {
      const state = join(dir, 'state');
      await writeMany(state, sessions, Date.now());
      const { gateway } = await buildNetwork(1, rooms, true);
      await bring(gateway, [...devices(0, sessions), ...devices(firstBuyer, buyers)]);
      const at = { nft: '/usr/sbin/nft', network: gateway.pid, state, flags: routerFlags };
      return new KernelShop(dir, rooms, await startProcess(ownShop(seldom), at), restMs);
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

  async warmUp(): Promise<void> {
    for (let n = 0; n < batch / 2; n++) await this.buy(this.#customers++);
  }

  /** New customers buy. @returns CPU of each sale, in ms */
  async sell(): Promise<number> {
    const rested = this.#used();
    await sleep(this.#restMs);
    const before = this.#used();
    const ms = before.at - rested.at;
    this.#own = { daemon: (before.daemon - rested.daemon) / ms, nft: (before.nft - rested.nft) / ms };
    const cost = await this.#costOfEach(() => this.buy(this.#customers++));
    this.nft.push(cost.nft);
    return cost.daemon;
  }

  /** One customer buys more. @returns CPU of each top-up, in ms */
  async topUp(customer: number): Promise<number> {
    return (await this.#costOfEach(() => this.buy(customer))).daemon;
  }

  buy(customer: number): Promise<void> {
    const { mac } = deviceAt(firstBuyer + customer);
    return buy(this.#daemon, { mac, steps: 900, idempotency_key: `k${this.#orders++}` });
  }

  async close(): Promise<void> {
    await this.#daemon.close();
    for (const room of this.#rooms) await room.close();
    rmSync(this.#dir, { recursive: true, force: true });
  }

  /** Does it so many times. @returns CPU of each, without what the daemon takes by itself in the time */
  async #costOfEach(work: () => Promise<void>): Promise<Pick<Used, 'daemon' | 'nft'>> {
    const before = this.#used();
    for (let n = 0; n < batch; n++) await work();
    const after = this.#used();
    const of = (kind: 'daemon' | 'nft') =>
      (after[kind] - before[kind] - this.#own[kind] * (after.at - before.at)) / batch;
    return { daemon: of('daemon'), nft: of('nft') };
  }

  #used(): Used {
    const pid = this.#daemon.pid();
    return { at: performance.now(), daemon: cpuOfServing(pid), nft: cpuOfStarted(pid) };
  }
}

function devices(from: number, count: number): number[] {
  return Array.from({ length: count }, (_, n) => from + n);
}

/** Puts devices among the kernel's neighbours: they are there and send nothing, and their gates open. */
async function bring(gateway: Room, numbers: readonly number[]): Promise<void> {
  await gateway.run('ip', ['addr', 'add', '10.80.0.1/12', 'dev', 'br-lan']);
  const entries = numbers.map((n) => {
    const ip = [10, 81, n >> 8, n & 255].join('.');
    return `neigh replace ${ip} lladdr ${deviceAt(n).mac} nud permanent dev br-lan`;
  });
  await gateway.run('ip', ['-batch', '-'], entries.join('\n'));
}
