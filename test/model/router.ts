// The daemon as main.ts puts it together, with its real store, configuration, portals and ubus object, on a disk in
// memory, portals in this process and a clock that the test moves. It can be killed at each of its calls to the world.
import { answer, methods } from '../../src/api/control.js';
import type { Service } from '../../src/api/service.js';
import type { View } from '../../src/api/view.js';
import { coalescing } from '../../src/domain/coalesce.js';
import { Commands } from '../../src/engine/commands.js';
import { DepositDesk } from '../../src/engine/deposits/desk.js';
import { DepositRounds } from '../../src/engine/deposits/rounds.js';
import { Engine } from '../../src/engine/engine.js';
import { Logins } from '../../src/engine/logins.js';
import { Proofs } from '../../src/engine/proofs.js';
import { Till } from '../../src/engine/till.js';
import { VoucherDesk } from '../../src/engine/vouchers.js';
import { cash } from '../../src/payments/cash/cash.js';
import { nodogsplashKind } from '../../src/portals/nodogsplash/kind.js';
import { openndsKind } from '../../src/portals/opennds/kind.js';
import type { Store } from '../../src/store/store.js';
import { openBooks } from '../../src/wiring/books.js';
import { members } from '../../src/wiring/members.js';
import { Portals } from '../../src/wiring/portals.js';
import { Reload } from '../../src/wiring/reload.js';
import { type Config, loadConfig } from '../../src/wiring/schema.js';
import { serviceOf } from '../../src/wiring/service.js';
import { settingsOf } from '../../src/wiring/settings.js';
import { settled, TestClock } from '../rig/clock.js';
import { type Random, whole } from '../rig/random.js';
import { MemoryDisk } from '../store/memory-disk.js';
import { Gatehouse, type Life } from './gatehouse.js';
import { authorizer } from './server.js';

/** How a run of the daemon ends before its time. */
export type Death = 'kill' | 'power';

/** A disk that fails: which call, with which error, how many times. */
export interface DiskFault {
  readonly call: string;
  readonly code: 'EIO' | 'ENOSPC';
  times: number;
}

const directory = '/state';
/** Small, so that a run of some hundred operations sees snapshots, several segments and compaction. */
const storeSizes = { segmentBytes: 16_384, snapshotBytes: 32_768, tailBytes: 8_192, repeated: 64 };

/** A clock whose timers go off at whole milliseconds. */
class WholeClock extends TestClock {
  override after(ms: number, task: () => void): () => void {
    return super.after(Math.ceil(ms), task);
  }
}

export class Router {
  readonly gatehouses: Readonly<Record<'lan' | 'guest', Gatehouse>>;
  readonly log: string[] = [];
  clock: TestClock;
  disk = new MemoryDisk();
  fault: DiskFault | undefined;
  /** The text of /etc/config/turnpike. */
  text: string;
  store!: Store;
  engine!: Engine;
  service!: Service;
  /** The disk has failed since all was well: after a power cut some of it may be damaged, which is said. */
  hasFailed = false;
  /** How the last run of the daemon ended, and whether its journal lacked something then. */
  lastDeath: Death | undefined;
  wasIncomplete = false;
  /** After so many more calls to the world the daemon dies. */
  #armed: { calls: number; readonly how: Death } | undefined;
  #life: Life = { over: true, step: () => {} };
  #machine = 1;
  readonly #random: Random;
  readonly #secret: Uint8Array;

  constructor(text: string, random: Random) {
    this.text = text;
    this.#random = random;
    this.#secret = this.#bytes(32);
    this.clock = this.#newClock(1_000_000);
    const clock = () => this.clock;
    this.gatehouses = {
      lan: new Gatehouse('lan', openndsKind, clock, random),
      guest: new Gatehouse('guest', nodogsplashKind, clock, random),
    };
    this.#watch(this.disk);
  }

  get isDead(): boolean {
    return this.#life.over;
  }

  /** The daemon dies after so many more of its calls to portals and disk; with 0 now. */
  kill(how: Death, calls: number): void {
    this.#armed = { calls, how };
    if (calls === 0) this.#step();
  }

  disarm(): void {
    this.#armed = undefined;
  }

  /** Starts on what the disk has; resolves when the daemon is up, or dead again. */
  async start(): Promise<void> {
    const life: Life = { over: false, step: () => this.#life === life && this.#step() };
    this.#life = life;
    await this.#orDeath(this.#begin(life));
  }

  /** One call of the ubus object; undefined when the daemon dies before it has answered. */
  async call(method: string, args: Record<string, unknown>): Promise<View | undefined> {
    return this.#orDeath(answer(methods[method]!, args, this.service));
  }

  /** Lets time pass, in steps that end when the daemon dies. */
  async pass(ms: number): Promise<void> {
    const end = this.clock.now + ms;
    while (!this.isDead && this.clock.now < end) await this.clock.pass(Math.min(100, end - this.clock.now));
  }

  /** Time in which no daemon runs. */
  skip(ms: number): void {
    this.clock.now += ms;
  }

  /** Waits for the answer while time passes, as long as somebody lives who may give it. */
  async #orDeath<T>(work: Promise<T>): Promise<T | undefined> {
    const life = this.#life;
    let result: { readonly value: T } | undefined;
    let error: { readonly cause: unknown } | undefined;
    work.then(
      (value) => {
        if (!life.over) result = { value };
      },
      (cause: unknown) => {
        if (!life.over) error = { cause };
      },
    );
    await this.#rest();
    const end = this.clock.now + 60_000;
    while (!result && !error && !this.isDead && this.clock.now < end) await this.pass(10);
    if (error) throw error.cause;
    if (!result && !this.isDead) throw new Error('no answer within a minute');
    return result?.value;
  }

  async #begin(life: Life): Promise<void> {
    const log = (level: string, text: string) => {
      if (!life.over) this.log.push(`${this.clock.now} ${level} ${text}`);
    };
    const { clock } = this;
    let config = this.#config();
    const coalesce = () => coalescing() as (data: unknown) => unknown;
    const { store, book, setAside } = await openBooks({
      directory,
      disk: this.disk,
      log,
      coalesce,
      ...storeSizes,
    });
    if (setAside.length > 0 && !this.hasFailed && this.lastDeath !== 'power')
      throw new Error(setAside.join('\n'));
    this.store = store;
    for (const sink of ['keen', 'lazy']) store.outbox(sink, 'oldest');
    const pay = [
      cash(
        new Map([
          ['USD', 2],
          ['EUR', 2],
        ]),
      ),
    ];
    const engine = new Engine({
      ...{ book, journal: store, clock, log, notify: () => {} },
      boot: `boot-${clock.now}`,
      machine: `machine-${this.#machine}`,
      settings: settingsOf(config, pay, []),
    });
    const bytes = (n: number) => this.#bytes(n);
    const till = new Till(engine, bytes);
    const logins = new Logins(engine, till, new Proofs(this.#secret));
    logins.authorizers = new Map([['radius', authorizer]]);
    const rounds = new DepositRounds(engine, till, log);
    const commands = new Commands(engine, till, logins, new DepositDesk(engine, till, rounds));
    const desk = new VoucherDesk(engine, till, bytes, (code) => `hash of ${code}`);
    const portals = this.#portals(engine, life);
    const apply = async (next: Config) => {
      config = next;
      engine.configure(settingsOf(config, pay, []));
      await portals.apply(config.gateways);
    };
    const load = () => loadConfig(this.text, 'turnpike');
    const reload = new Reload({ load, log, started: { config, faults: [] }, apply });
    this.engine = engine;
    this.service = serviceOf(engine, commands, desk, {
      ...{
        log,
        reload: () => reload.run(),
        testUpstream: async () => undefined,
        acknowledgeDamage: async () => 0,
      },
      setup: async () => ({ ok: true, value: { changes: [], kept: [], done: false } }),
      orders: {} as never,
      status: () => ({ journal: store.stats.state, incomplete: engine.accounts.incomplete }),
    });
    await engine.begin();
    await portals.apply(config.gateways);
  }

  #portals(engine: Engine, life: Life): Portals {
    const build = ({ name }: { name: string }) => this.gatehouses[name as 'lan' | 'guest'].portal(life);
    const { opennds, nodogsplash } = members.portals;
    const played = { opennds: { ...opennds!, build }, nodogsplash: { ...nodogsplash!, build } };
    // The pool is for portals that are read in threads.
    return new Portals(engine, played, { socket: undefined } as never);
  }

  #config(): Config {
    const loaded = loadConfig(this.text, 'turnpike');
    if (!loaded.ok) throw new Error(JSON.stringify(loaded.faults));
    return loaded.config;
  }

  /** One more call to the world. */
  #step(): void {
    const armed = this.#armed;
    if (!armed || armed.calls-- > 0) return;
    this.#armed = undefined;
    this.#life.over = true;
    this.lastDeath = armed.how;
    this.wasIncomplete = this.engine?.accounts.incomplete ?? false;
    const pick = (max: number) => whole(this.#random, 0, max);
    this.disk = armed.how === 'kill' ? this.disk.afterKill() : this.disk.afterPowerCut(pick);
    this.#watch(this.disk);
    this.clock = this.#newClock(this.clock.now);
    if (armed.how !== 'power') return;
    this.#machine += 1;
    for (const gatehouse of Object.values(this.gatehouses)) gatehouse.restart(false);
  }

  #watch(disk: MemoryDisk): void {
    disk.before = (call) => {
      if (disk === this.disk) this.#life.step();
      const { fault } = this;
      if (disk !== this.disk || fault?.call !== call || fault.times <= 0) return;
      fault.times -= 1;
      this.hasFailed = true;
      throw Object.assign(new Error(`${fault.code}: simulated`), { code: fault.code });
    };
  }

  #newClock(now: number): TestClock {
    return new WholeClock(now, () => this.#rest());
  }

  /** Everything that waits for nothing but its turn has had it, and what the store does on other threads. */
  async #rest(): Promise<void> {
    await settled();
    if (!this.store || this.isDead) return;
    await this.store.idle();
    await settled();
  }

  #bytes(n: number): Uint8Array {
    return new Uint8Array(n).map(() => whole(this.#random, 0, 255));
  }
}
