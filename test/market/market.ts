import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Table, UbusError } from 'openwrt-ubus';
import { SimulatedPortal } from '../../packages/simulators/portal.js';
import type { Mac } from '../../src/domain/mac.js';
import { opennds } from '../../src/portals/opennds/dialect.js';
import { bytesOf, cents, isOver } from '../campaign/audit.js';
import { type DaemonProcess, startProcess } from '../rig/daemon.js';
import { type Random, seeded, whole } from '../rig/random.js';
import { until } from '../rig/until.js';
import { wrongSums, wrongsIn } from './books.js';
import { booksOnDisk, bytesIn } from './disk.js';
import { codeOf, Ledger } from './ledger.js';
import { sections, stalls } from './stalls.js';
import { Trouble } from './trouble.js';
import { Worker } from './worker.js';

export interface Plan {
  /** Operations in all. */
  readonly operations: number;
  /** Operations from one look at all the books to the next. */
  readonly each: number;
  readonly seed: number;
}

/** How many rounds end with a kill. */
const killShare = 0.8;

/**
 * Two dozen people who buy, give, redeem, leave and ask again, all at the same time, at one daemon that is killed under
 * their hands while its portal fails. After each round the books are compared with what they know.
 */
export class Market {
  readonly ledger = new Ledger();
  readonly portal: SimulatedPortal;
  done = 0;
  kills = 0;
  readonly #plan: Plan;
  readonly #random: Random;
  readonly #daemon: DaemonProcess;
  readonly #trouble: Trouble;
  readonly #workers: readonly Worker[];
  /** Every session as it was last seen. */
  readonly #sessions = new Map<string, Table>();
  /** Of each device, at the most: bytes that passed and that no session will ever have. */
  readonly #lost = new Map<Mac, number>();
  #death: Promise<undefined> = Promise.resolve(undefined);
  #left = 0;
  #killIn = -1;
  #killing: Promise<unknown> | undefined;

  private constructor(plan: Plan, portal: SimulatedPortal, daemon: DaemonProcess) {
    this.#plan = plan;
    this.#random = seeded(plan.seed);
    this.portal = portal;
    this.#daemon = daemon;
    this.#trouble = new Trouble(portal, this.#random);
    const { ledger } = this;
    const call = (method: string, args: Table) => this.#call(method, args);
    this.#workers = stalls.map((stall) => new Worker(stall, { call, ledger, portal, random: this.#random }));
  }

  /** Runs all of it. @returns all that is wrong, and how it went */
  static async run(plan: Plan, tell: (line: string) => void = () => {}) {
    const dir = mkdtempSync(join(tmpdir(), 'turnpike-market-'));
    const socket = join(dir, 'portal.sock');
    const portal = new SimulatedPortal(opennds, socket, seeded(plan.seed + 1));
    await portal.start();
    const daemon = await startProcess(sections(socket), { flushInterval: '1s' });
    const market = new Market(plan, portal, daemon);
    try {
      while (market.done < plan.operations && market.ledger.wrongs.length === 0) {
        await market.#round();
        tell(market.#summary());
      }
      if (market.ledger.wrongs.length === 0) await market.#close();
      if (market.ledger.wrongs.length > 0) tell(daemon.log().slice(-4000));
      return { wrongs: market.ledger.wrongs, summary: market.#summary() };
    } finally {
      await daemon.close();
      await portal.stop();
      rmSync(dir, { recursive: true, force: true });
    }
  }

  /** Some operations of everybody, perhaps a kill in their midst, and a look at the books. */
  async #round(): Promise<void> {
    const { each, operations } = this.#plan;
    this.#left = Math.min(each, operations - this.done);
    this.#killIn = this.#random() < killShare ? whole(this.#random, 1, this.#left) : -1;
    let sayDead = () => {};
    this.#death = new Promise((resolve) => {
      sayDead = () => resolve(undefined);
    });
    this.#killing = undefined;
    const kill = async () => {
      this.kills += 1;
      await this.#daemon.end('SIGKILL');
      sayDead();
    };
    this.#trouble.begin(this.#left);
    const onMoment = () => {
      if (this.#killIn >= 0 && this.#killIn-- === 0) this.#killing = kill();
    };
    await Promise.all(this.#workers.map((worker) => this.#work(worker, onMoment)));
    await this.#killing;
    await this.#trouble.end();
    await this.#recover(this.#killing !== undefined);
  }

  async #work(worker: Worker, onMoment: () => void): Promise<void> {
    while (this.#left > 0) {
      this.#left -= 1;
      this.done += 1;
      this.#trouble.look(this.#left);
      const acted = worker.act();
      onMoment();
      if (!(await acted)) return;
    }
  }

  /** Starts again where it was killed; everybody asks for what was not answered, and the books must be right. */
  async #recover(isKilled: boolean): Promise<void> {
    const durable = isKilled ? await this.#durable() : undefined;
    const served = new Map(stalls.map(({ mac }) => [mac, this.#served(mac)]));
    if (isKilled) await this.#daemon.start();
    for (const { mac, ip } of stalls) this.portal.join(mac, ip);
    await until(
      'every answer',
      () => this.#askAgain(),
      () => this.ledger.open.slice(0, 3),
    );
    let found: string[] = ['nothing was seen'];
    const allowed = (mac: Mac) => {
      const unwritten = durable ? served.get(mac)! - (durable.get(mac) ?? 0) : 0;
      return Math.max(this.#lost.get(mac) ?? 0, unwritten);
    };
    await until(
      'books that are at rest',
      async () => {
        if (this.portal.server.stuck > 0) await this.portal.restart();
        for (const { mac, ip } of stalls) this.portal.join(mac, ip);
        await this.#read();
        found = this.#restless(allowed);
        return found.length === 0;
      },
      () => found,
    );
    for (const { mac } of stalls) this.#lost.set(mac, Math.max(this.#missing(mac), 0));
    this.ledger.wrongs.push(...wrongsIn([...this.#sessions.values()], this.ledger));
  }

  /** Bytes of each device that the disk has: what is beyond may be forgotten. */
  async #durable(): Promise<ReadonlyMap<Mac, number>> {
    const onDisk = bytesIn(await booksOnDisk(join(this.#daemon.dir, 'state')));
    const sums = new Map<Mac, number>();
    const add = (mac: Mac, bytes: number) => sums.set(mac, (sums.get(mac) ?? 0) + bytes);
    for (const { mac, bytes } of onDisk.values()) add(mac, bytes);
    // The oldest sessions are not kept for ever.
    for (const [id, session] of this.#sessions)
      if (!onDisk.has(id)) add(session.mac as Mac, bytesOf(session));
    return sums;
  }

  /** What is not yet as it will be as soon as the daemon has looked around. */
  #restless(allowed: (mac: Mac) => number): string[] {
    const running = [...this.#sessions.values()].filter((session) => !isOver(session));
    const owners = new Set(running.map(({ mac }) => mac));
    const found = running
      .filter(({ state, mac }) => state !== 'active' || !this.portal.isOpen(mac as Mac))
      .map(({ id, state }) => `${id} is ${state}`);
    for (const mac of this.portal.openMacs())
      if (!owners.has(mac)) found.push(`${mac} is let in for nothing`);
    for (const { mac } of stalls) {
      const missing = this.#missing(mac);
      if (missing > allowed(mac)) found.push(`${missing} bytes of ${mac} are not billed, of ${allowed(mac)}`);
      if (-missing > this.portal.doubtful(mac)) found.push(`${mac} was billed ${-missing} bytes too much`);
    }
    return found;
  }

  #missing(mac: Mac): number {
    const mine = [...this.#sessions.values()].filter((session) => session.mac === mac);
    return (
      this.#served(mac) - mine.reduce((sum, session) => sum + bytesOf(session), 0) - this.portal.unread(mac)
    );
  }

  #served(mac: Mac): number {
    const { up, down } = this.portal.served(mac);
    return up + down;
  }

  async #askAgain(): Promise<boolean> {
    for (const order of this.ledger.open) {
      const reply = await this.#daemon.call(order.method, order.args);
      // A daemon that has only just begun knows no portal yet: that is no answer.
      if (!tooEarly.has(codeOf(reply) ?? '')) this.ledger.answered(order, reply);
    }
    return this.ledger.open.length === 0;
  }

  async #read(): Promise<void> {
    for (let after: unknown = ''; after !== undefined; ) {
      const page = await this.#daemon.call('sessions', after === '' ? {} : { after: String(after) });
      for (const session of page.sessions as Table[]) this.#note(session);
      after = page.next;
    }
  }

  /** What is over stays as it is. */
  #note(session: Table): void {
    const id = String(session.id);
    const before = this.#sessions.get(id);
    if (before && isOver(before) && JSON.stringify(before) !== JSON.stringify(session))
      this.ledger.wrongs.push(`${JSON.stringify(before)} was over and is ${JSON.stringify(session)}`);
    this.#sessions.set(id, session);
  }

  /** Everybody leaves; then the sums must be right, and the same after one more kill. */
  async #close(): Promise<void> {
    const running = [...this.#sessions.values()].filter((session) => !isOver(session));
    for (const { id } of running) await this.#daemon.call('close', { id });
    await this.#recover(false);
    await this.#sum();
    await this.#daemon.end('SIGKILL');
    await this.#recover(true);
    await this.#sum();
  }

  async #sum(): Promise<void> {
    const { series } = (await this.#daemon.call('stats')) as { series: Table[] };
    const revenue = series.flatMap((s) => s.revenue as Table[]).reduce((sum, m) => sum + cents(m.amount), 0);
    const bytes = series.reduce((sum, s) => sum + bytesOf(s), 0);
    const vouchers: Table[] = [];
    for (let after: unknown = ''; after !== undefined; ) {
      const page = await this.#daemon.call('vouchers', after === '' ? {} : { after: String(after) });
      vouchers.push(...(page.vouchers as Table[]));
      after = page.next;
    }
    this.ledger.wrongs.push(...wrongSums([...this.#sessions.values()], vouchers, { revenue, bytes }));
  }

  /** A call whose answer may be lost with the daemon, or that finds it gone. */
  #call(method: string, args: Table): Promise<Table | undefined> {
    const answer = this.#daemon.call(method, args).catch((cause: unknown) => {
      if (cause instanceof UbusError && cause.code === 'not_found') return undefined;
      throw cause;
    });
    return Promise.race([answer, this.#death]);
  }

  #summary(): string {
    const { orders, repeats, refusals } = this.ledger;
    const figures = {
      orders: orders.length,
      repeats,
      sessions: this.#sessions.size,
      kills: this.kills,
      refusals,
    };
    return `${this.done} operations: ${JSON.stringify(figures)}`;
  }
}

/** What a daemon that has only just begun may say. */
const tooEarly = new Set(['gateway_needed', 'unknown_gateway']);
