import { setTimeout as pause } from 'node:timers/promises';
import { type Table, UbusError } from 'openwrt-ubus';
import type { SimulatedPortal } from '../../packages/simulators/portal.js';
import type { Mac } from '../../src/domain/mac.js';
import { request } from '../../src/portals/ndsctl/socket.js';
import { type Random, seeded, whole } from '../rig/random.js';
import { until } from '../rig/until.js';
import { bytesOf, cents, type Evidence, isOver, pending, wrongs } from './audit.js';
import { Customers } from './customers.js';
import { byTime, macs, type Plan, type Scene, startScene, stepSize, stranger, windowMs } from './scene.js';
import { Till } from './till.js';
import { Traffic } from './traffic.js';

/** How often a kill takes the portal with it, is followed by one during the start, or by an intruder. */
const [portalShare, startingShare, strangerShare] = [0.2, 0.25, 0.25];

/** One daemon that is killed again and again under its customers' hands. */
export class Campaign {
  readonly till = new Till();
  readonly traffic: Traffic;
  readonly kills = { running: 0, selling: 0, starting: 0 };
  /** Kills at which the portal lost its counters too, as when the whole router restarts. */
  portalLosses = 0;
  /** Kills that found the portal serving every request one late, as an earlier kill had left it. */
  wedges = 0;
  /** Milliseconds from each start until all was as it should be. */
  readonly recoveries: number[] = [];
  /** Bytes of each device that the crashes so far may have cost the owner: one flush interval's. */
  readonly excused = new Map<Mac, number>();
  readonly #scene: Scene;
  readonly #random: Random;
  readonly #customers: Customers;
  readonly #closed = new Map<string, string>();
  /** The last kill, and what nobody had read by then where the portal went too. */
  #loss: { at: number; unread: ReadonlyMap<Mac, number> | undefined } = { at: 0, unread: undefined };
  #died: Promise<undefined> = Promise.resolve(undefined);
  #sayDead: () => void = () => {};

  private constructor(scene: Scene, seed: number) {
    this.#scene = scene;
    this.#random = seeded(seed);
    const random = seeded(seed + 1);
    const { till } = this;
    this.traffic = new Traffic(scene.portal, [...macs, stranger], random);
    const call = (method: string, args: Table) => this.#call(method, args);
    const planOf = (mac: Mac) => (byTime.has(mac) ? 'time' : 'bytes');
    this.#customers = new Customers(macs, planOf, { call, till, traffic: this.traffic, random });
    this.#alive();
  }

  /** Starts everything; the shop is still shut. */
  static async begin(plan: Plan): Promise<Campaign> {
    return new Campaign(await startScene(plan), plan.seed);
  }

  /** Kills so far. */
  get killed(): number {
    return this.kills.running + this.kills.selling + this.kills.starting;
  }

  get portal(): SimulatedPortal {
    return this.#scene.portal;
  }

  log(): string {
    return this.#scene.daemon.log();
  }

  /** One kill at a random moment, perhaps another while it starts again, and all checks after it is up. */
  async crash(): Promise<void> {
    this.#customers.begin();
    if (this.#random() < 0.5) await this.#kill('running', whole(this.#random, 0, 1200));
    else await this.#killBuyer();
    while (this.#random() < startingShare) await this.#killStarting();
    await this.#recover();
  }

  /** Everybody leaves. @returns all sessions, which are over. */
  async close(): Promise<Table[]> {
    this.traffic.paused = true;
    const live = (await this.#settled()).filter((s) => !isOver(s));
    for (const { id } of live) await this.#scene.daemon.call('close', { id, reason: 'admin' });
    for (const { id } of live) this.till.ended.add(String(id));
    return this.#settled();
  }

  /** A last kill, when nothing moves any more: the books must be the same afterwards. */
  async reopen(): Promise<Table[]> {
    await this.#kill('running', 0);
    await this.#recover();
    return this.#settled();
  }

  /** What the daemon says of all its business: revenue in cents, and bytes. */
  async stats(): Promise<{ revenue: number; bytes: number }> {
    const { series } = (await this.#scene.daemon.call('stats')) as { series: Table[] };
    const revenue = series.flatMap((s) => s.revenue as Table[]).reduce((sum, m) => sum + cents(m.amount), 0);
    return { revenue, bytes: series.reduce((sum, s) => sum + bytesOf(s), 0) };
  }

  /** Ends the daemon in peace. @returns its exit code. */
  stop(): Promise<number | null> {
    return this.#scene.daemon.end('SIGTERM');
  }

  /** Takes everything down. */
  async end(): Promise<void> {
    this.traffic.end();
    await this.#scene.end();
  }

  async #killBuyer(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#customers.onOrder = resolve;
    });
    await this.#kill('selling', whole(this.#random, 0, 6));
  }

  async #killStarting(): Promise<void> {
    const { daemon } = this.#scene;
    this.#excuse();
    const gone = daemon.start().catch(() => {});
    await pause(whole(this.#random, 0, 400));
    this.kills.starting += 1;
    this.#loss = { at: performance.now(), unread: undefined };
    await daemon.end('SIGKILL');
    await gone;
  }

  async #kill(moment: 'running' | 'selling', ms: number): Promise<void> {
    // A wedge does not heal by itself: the portal is restarted with the next kill.
    const wedged = this.portal.server.stuck > 0;
    if (wedged) this.wedges += 1;
    const withPortal = wedged || this.#random() < portalShare;
    // Late enough for usage to be written in between: only then is there a flush interval to lose.
    await pause(withPortal ? windowMs + ms : ms);
    this.kills[moment] += 1;
    const unread = new Map(macs.map((mac) => [mac, this.portal.unread(mac)]));
    this.#loss = { at: performance.now(), unread: withPortal ? unread : undefined };
    await this.#scene.daemon.end('SIGKILL');
    this.traffic.watched = false;
    this.#sayDead();
    if (withPortal) await this.portal.restart();
    if (withPortal) this.portalLosses += 1;
    await this.#customers.end();
    if (this.#random() < strangerShare) await this.#letStrangerIn();
  }

  /** Opens a gate that nobody has paid for. */
  async #letStrangerIn(): Promise<void> {
    this.traffic.join(stranger);
    const target = { transport: 'socket', path: this.#scene.socket } as const;
    await request(target, `auth ${stranger}`);
  }

  /**
   * Counters that are gone with the portal, or with a client that was being shut out, can only be known from the
   * journal: there the last flush interval before the kill may be missing. To be called just before the next start,
   * for what the dead daemon asked of the portal may be carried out a little after its end.
   */
  #excuse(): void {
    const { at, unread } = this.#loss;
    const ms = performance.now() - at + windowMs;
    for (const mac of macs) {
      if (!unread && !this.traffic.shutWithin(mac, ms)) continue;
      const known = unread ? this.portal.unread(mac) - unread.get(mac)! : 0;
      const lost = Math.max(0, this.traffic.since(mac, ms) - known);
      this.excused.set(mac, (this.excused.get(mac) ?? 0) + lost);
    }
  }

  async #recover(): Promise<void> {
    const began = performance.now();
    this.#excuse();
    await this.#scene.daemon.start();
    this.#alive();
    await this.#sessions();
    await this.#customers.repeat();
    this.traffic.paused = true;
    await this.#settled();
    this.recoveries.push(performance.now() - began);
    this.traffic.paused = false;
  }

  /** Waits until nothing is pending and every order is answered. */
  async #settled(): Promise<Table[]> {
    let left: string[] = [];
    const look = async () => {
      const sessions = await this.#sessions();
      left = pending(sessions, this.#evidence());
      for (const order of this.till.open) left.push(`${order.key} has no answer`);
      if (left.length === 0) return sessions;
      await this.#customers.repeat();
      return undefined;
    };
    return until('nothing pending', look, () => [`${this.portal.server.stuck} requests stuck`, ...left]);
  }

  /** All sessions. @throws Error when anything is in them that may never be. */
  async #sessions(): Promise<Table[]> {
    const sessions: Table[] = [];
    for (let after: unknown = ''; after !== undefined; ) {
      const reply = await this.#scene.daemon.call('sessions', after === '' ? {} : { after: String(after) });
      sessions.push(...(reply.sessions as Table[]));
      after = reply.next;
    }
    const found = wrongs(sessions, this.#evidence());
    for (const session of sessions.filter(isOver)) {
      const [id, now] = [String(session.id), JSON.stringify(session)];
      const before = this.#closed.get(id);
      if (before !== undefined && before !== now) found.push(`${id} was over as ${before} and is now ${now}`);
      this.#closed.set(id, now);
    }
    if (found.length > 0) throw new Error(found.join('\n'));
    return sessions;
  }

  #evidence(): Evidence {
    const { till, traffic, portal, excused } = this;
    return { till, traffic, portal, excused, macs, stepSize };
  }

  /** A call whose answer may be lost with the daemon, or that finds it gone. */
  #call(method: string, args: Table): Promise<Table | undefined> {
    const answer = this.#scene.daemon.call(method, args).catch((cause: unknown) => {
      if (cause instanceof UbusError && cause.code === 'not_found') return undefined;
      throw cause;
    });
    return Promise.race([answer, this.#died]);
  }

  #alive(): void {
    this.traffic.watched = true;
    this.#died = new Promise((resolve) => {
      this.#sayDead = () => resolve(undefined);
    });
  }
}
