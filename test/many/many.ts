import { readFileSync } from 'node:fs';
import type { Table } from 'openwrt-ubus';
import { deviceAt } from '../../packages/simulators/device.js';
import type { SimulatedPortal } from '../../packages/simulators/portal.js';
import type { DaemonProcess } from '../rig/daemon.js';
import { type Random, seeded, whole } from '../rig/random.js';
import { until } from '../rig/until.js';
import { cents, keyOf, withoutLast } from './journal.js';
import { atRouter } from './scene.js';

export interface Plan {
  /** That run before the first kill. */
  readonly sessions: number;
  readonly kills: number;
  /** Sales between two kills. */
  readonly sales: number;
  /** Power cuts that are tried on what each kill leaves. */
  readonly cuts: number;
  readonly seed: number;
}

export interface Figures {
  readonly sessions: number;
  kills: number;
  cuts: number;
  /** From the start of the process to all sessions active, in ms, and the CPU that it took. */
  readonly startMs: number[];
  readonly startCpuMs: number[];
}

/** Bytes at the end of the journal that a power cut may take, at the most: what nobody has synced is less. */
const mostLost = 20_000;

/** A router with many sessions, that is killed while it sells. */
export class Many {
  readonly wrongs: string[] = [];
  readonly figures: Figures;
  readonly #plan: Plan;
  readonly #random: Random;
  readonly #portal: SimulatedPortal;
  readonly #daemon: DaemonProcess;
  #orders = 0;
  #isRestarted = false;

  private constructor(plan: Plan, portal: SimulatedPortal, daemon: DaemonProcess) {
    this.#plan = plan;
    this.#random = seeded(plan.seed);
    this.#portal = portal;
    this.#daemon = daemon;
    this.figures = { sessions: plan.sessions, kills: 0, cuts: 0, startMs: [], startCpuMs: [] };
  }

  /** @returns what is wrong, and the figures */
  static async run(plan: Plan): Promise<Many> {
    return atRouter(plan, async ({ state, portal, daemon }) => {
      const many = new Many(plan, portal, daemon);
      await many.#isWhole();
      while (many.figures.kills < plan.kills) await many.#kill(state);
      return many;
    });
  }

  /** Customers buy; it is killed at one of the sales, the power is cut in many ways, and it starts again. */
  async #kill(state: string): Promise<void> {
    const answered: number[] = [];
    const last = this.#orders + whole(this.#random, 0, this.#plan.sales - 1);
    while (this.#orders < last) {
      await this.#buy(this.#orders);
      answered.push(this.#orders++);
    }
    this.#orders += 1;
    const dying = this.#ask(last).then(
      ({ error }) => error === undefined && answered.push(last),
      // It died before the answer.
      () => {},
    );
    await Promise.race([dying, this.#daemon.end('SIGKILL')]);
    await this.#daemon.end('SIGKILL');
    this.figures.kills += 1;
    for (let n = 0; n < this.#plan.cuts; n++) {
      const lost = n < this.#plan.cuts / 2 ? n : whole(this.#random, n, mostLost);
      await this.#cut(state, lost, answered);
    }
    const began = performance.now();
    await this.#daemon.start();
    await this.#buy(last);
    await this.#isWhole();
    this.figures.startMs.push(Math.round(performance.now() - began));
    this.figures.startCpuMs.push(cpuOf(this.#daemon.pid()));
  }

  /** Nothing that was answered is missing without a word, and what is there is worth what was paid for it. */
  async #cut(state: string, lost: number, answered: readonly number[]): Promise<void> {
    const found = await withoutLast(state, lost);
    if (!found) return;
    this.figures.cuts += 1;
    const { book, setAside } = found;
    const sold = Array.from({ length: this.#orders }, (_, n) => book.keys.get(orderOf(n)) !== undefined);
    const before = Array.from(
      { length: this.#plan.sessions },
      (_, n) => book.keys.get(keyOf(n)) !== undefined,
    );
    const missing = [...before, ...answered.map((n) => sold[n]!)].filter((is) => !is).length;
    if (missing > 0 && setAside.length === 0)
      this.wrongs.push(`${lost} bytes cut: ${missing} sales are gone, and nothing says so`);
    const count = [...before, ...sold].filter((is) => is).length;
    const sessions = [...book.all()].length;
    if (sessions !== count) this.wrongs.push(`${lost} bytes cut: ${sessions} sessions of ${count} sales`);
    const [all] = book.stats.series(0, 4e12, 4e12);
    const earned = all?.revenue.get('USD')?.amount ?? 0n;
    if (earned !== BigInt(count) * cents)
      this.wrongs.push(`${lost} bytes cut: ${earned} cents of ${count} sales`);
  }

  /** Device `n` of the new ones buys a day, for the first time or again. */
  async #buy(n: number): Promise<void> {
    const sold = await until(`the sale ${n}`, async () => {
      const reply = await this.#ask(n);
      // A daemon that has only just begun knows no portal yet.
      return (reply.error as Table | undefined)?.code === 'unknown_gateway' ? undefined : reply;
    });
    if (sold.error) this.wrongs.push(`sale ${n}: ${JSON.stringify(sold)}`);
  }

  #ask(n: number): Promise<Table> {
    const { mac, ip } = deviceAt(this.#plan.sessions + n);
    this.#portal.join(mac, ip);
    const payment = { method: 'cash', reference: orderOf(n) };
    const order = { mac, plan: 'day', steps: 1, gateway: 'lan', payment, idempotency_key: orderOf(n) };
    return this.#daemon.call('purchase', order);
  }

  /** Every session is active, nobody was cut off, and no gate was opened a second time. */
  async #isWhole(): Promise<void> {
    const all = this.#plan.sessions + this.#orders;
    const active = { state: 'active', limit: 1 };
    await until('all sessions active', async () => {
      // A kill at a bad moment leaves the portal answering each request one late: only a restart heals that.
      if (this.#portal.server.stuck > 0) {
        this.#isRestarted = true;
        await this.#portal.restart();
      }
      return (await this.#daemon.call('sessions', active)).count === all;
    });
    const { auth, deauth } = this.#portal.counts;
    // Its restart has shut every gate.
    if (this.#isRestarted) return;
    if (auth !== all) this.wrongs.push(`${auth} gates were opened for ${all} sessions`);
    if (deauth > 0) this.wrongs.push(`${deauth} customers were cut off`);
  }
}

const orderOf = (n: number) => `after-${n}`;

/** All threads of a process so far, in ms; the kernel counts in hundredths of a second. */
function cpuOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}
