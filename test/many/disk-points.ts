import { rmSync, writeFileSync } from 'node:fs';
import type { Table } from 'openwrt-ubus';
import { deviceAt } from '../../packages/simulators/device.js';
import { type Random, seeded, whole } from '../rig/random.js';
import { until } from '../rig/until.js';
import { failingDisk } from './bad-disk.js';
import { atRouter, type Scene } from './scene.js';

export interface Points {
  readonly sessions: number;
  /** At which the disk fails, each for some calls in a row. */
  readonly points: number;
  readonly seed: number;
}

/** Orders at one point, and calls to the disk before it fails and while it does, at the most. */
const most = { orders: 8, before: 25, failing: 12 } as const;
const codes = ['EIO', 'ENOSPC', 'EROFS'] as const;

/** What the owner and the customers were told of an order. */
type Word = 'sold' | 'refused' | 'nothing';

/** A disk that fails at random calls below a router with many sessions, which is killed at some of them. */
export class DiskPoints {
  readonly wrongs: string[] = [];
  /** `late`: unanswered, or `lateRefused`, and there after a kill. `told`: how often `status` said that the disk fails. */
  readonly figures = {
    points: 0,
    kills: 0,
    orders: 0,
    sold: 0,
    refused: 0,
    unanswered: 0,
    late: 0,
    lateRefused: 0,
    told: 0,
  };
  readonly #plan: Points;
  readonly #random: Random;
  readonly #scene: Scene;
  readonly #words = new Map<number, Word>();
  #orders = 0;
  /** The daemon is no more: what it was asked is answered by nobody. */
  #died = () => {};
  #death = Promise.resolve(undefined);

  private constructor(plan: Points, scene: Scene) {
    this.#plan = plan;
    this.#random = seeded(plan.seed);
    this.#scene = scene;
  }

  /** @returns what is wrong, and the figures */
  static async run(plan: Points): Promise<DiskPoints> {
    const act = async (scene: Scene) => {
      const points = new DiskPoints(plan, scene);
      await scene.daemon.bus.listen('ubus.object.remove', () => points.#died());
      while (points.figures.points < plan.points && points.#hasRoom) await points.#point();
      return points;
    };
    return atRouter(plan, act, failingDisk);
  }

  /** A router has 10,000 sessions at the most. */
  get #hasRoom(): boolean {
    return this.#plan.sessions + this.#orders + most.orders < 10_000;
  }

  /** The disk fails while customers buy, at once; then it works, and everything is as the words were. */
  async #point(): Promise<void> {
    const { daemon, state } = this.#scene;
    this.#death = new Promise((resolve) => {
      this.#died = () => resolve(undefined);
    });
    const random = (low: number, high: number) => whole(this.#random, low, high);
    const [after, failing] = [random(0, most.before), random(1, most.failing)];
    const kill = random(0, 2) === 0 ? random(0, after + failing) : 'never';
    const fault = `${codes[random(0, 2)]} ${after} ${failing} ${kill}`;
    writeFileSync(`${state}.fault`, fault);
    const bought = Array.from({ length: random(1, most.orders) }, () => this.#buy(this.#orders++));
    await Promise.all(bought);
    await this.#hearState();
    const isKilled = kill !== 'never' || random(0, 3) === 0;
    if (isKilled) await daemon.end('SIGKILL');
    this.#died = () => {};
    this.#death = new Promise(() => {});
    if (isKilled) await this.#startAgain();
    rmSync(`${state}.fault`, { force: true });
    this.figures.points += 1;
    if (isKilled) this.figures.kills += 1;
    await this.#isWell(fault);
    await this.#isAsTold(fault, isKilled);
  }

  /** Half of the starts are on a disk that fails again at these calls, and is perhaps killed again. */
  async #startAgain(): Promise<void> {
    const { daemon, state } = this.#scene;
    if (whole(this.#random, 0, 1) === 0) rmSync(`${state}.fault`);
    try {
      await daemon.start();
    } catch {
      this.figures.kills += 1;
      rmSync(`${state}.fault`, { force: true });
      await daemon.start();
    }
  }

  /** Sells again by itself, and says that the journal is well. */
  async #isWell(fault: string): Promise<void> {
    const next = this.#orders++;
    await until(`a sale after ${fault}`, async () => (await this.#buy(next)) === 'sold');
    const { daemon } = this.#scene;
    await until(`well after ${fault}`, async () => {
      return ((await daemon.call('status')).journal as Table).state === 'ok';
    });
  }

  /** Each order is in one session or in none, as it was answered, the money is the sum of them, and nobody is cut off. */
  async #isAsTold(fault: string, isKilled: boolean): Promise<void> {
    const { daemon, portal } = this.#scene;
    for (const [n, word] of this.#words) {
      const { lots = [], error } = await daemon.call('session', {
        mac: deviceAt(this.#plan.sessions + n).mac,
      });
      const count = (lots as Table[]).length;
      if (count > 1) this.#say(fault, `order ${n} is there ${count} times`);
      if (word === 'sold' && count !== 1) this.#say(fault, `order ${n} is gone: ${JSON.stringify(error)}`);
      if (word === 'sold' || count === 0) continue;
      if (!isKilled) this.#say(fault, `order ${n} was answered with ${word}, and is there without a kill`);
      // Whoever asks again gets it.
      if ((await this.#buy(n)) !== 'sold')
        this.#say(fault, `order ${n} is there, and its key does not find it`);
      this.figures.late += 1;
      if (word === 'refused') this.figures.lateRefused += 1;
    }
    const sold = [...this.#words.values()].filter((word) => word === 'sold').length;
    const all = this.#plan.sessions + sold;
    await until(`${all} active after ${fault}`, async () => {
      return (await daemon.call('sessions', { state: 'active', limit: 1 })).count === all;
    });
    const { series } = (await daemon.call('stats')) as { series: Table[] };
    const earned = series.flatMap(({ revenue }) => revenue as Table[]).map(({ amount }) => Number(amount));
    const sum = earned.reduce((left, right) => left + right, 0);
    if (sum !== all) this.#say(fault, `${sum} USD were earned with ${all} sales of 1 USD`);
    const { auth, deauth } = portal.counts;
    if (deauth > 0) this.#say(fault, `${deauth} customers were cut off`);
    if (auth < all) this.#say(fault, `${auth} gates were opened for ${all} sessions`);
  }

  /** Whether `status` speaks of the disk. */
  async #hearState(): Promise<void> {
    const status = await this.#ask('status');
    if (status && (status.journal as Table).state !== 'ok') this.figures.told += 1;
  }

  /** Device `n` of the new ones buys a day; again with the same key. */
  async #buy(n: number): Promise<Word> {
    const { portal } = this.#scene;
    const { mac, ip } = deviceAt(this.#plan.sessions + n);
    portal.join(mac, ip);
    const payment = { method: 'cash', reference: `${n}` };
    const order = { mac, plan: 'day', steps: 1, gateway: 'lan', payment, idempotency_key: `after-${n}` };
    const reply = await this.#ask('purchase', order);
    const { code } = (reply?.error ?? {}) as { code?: string };
    if (code !== undefined && !/^(?:storage_full|storage_failed|unknown_gateway)$/.test(code))
      this.#say('a sale', `order ${n} was refused with ${code}`);
    const word = reply === undefined ? 'nothing' : code === undefined ? 'sold' : 'refused';
    this.#count(n, word);
    return word;
  }

  #ask(method: string, args: Table = {}): Promise<Table | undefined> {
    const answer = this.#scene.daemon.call(method, args).catch(() => undefined);
    return Promise.race([answer, this.#death]);
  }

  #count(n: number, word: Word): void {
    const { figures } = this;
    if (!this.#words.has(n)) figures.orders += 1;
    figures[word === 'nothing' ? 'unanswered' : word] += 1;
    if (this.#words.get(n) !== 'sold') this.#words.set(n, word);
  }

  #say(fault: string, what: string): void {
    this.wrongs.push(`${fault}: ${what}`);
  }
}
