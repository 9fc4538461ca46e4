// An engine on the real store, on a disk in memory that fails when it is told to: it can be killed and cut off at any
// moment, and starts again from what the disk has.

import type { Book } from '../../src/domain/book.js';
import type { Mac } from '../../src/domain/mac.js';
import type { JournalRecord } from '../../src/domain/record.js';
import { millis } from '../../src/domain/units.js';
import { Commands } from '../../src/engine/commands.js';
import { DepositDesk } from '../../src/engine/deposits/desk.js';
import { DepositRounds } from '../../src/engine/deposits/rounds.js';
import { Engine } from '../../src/engine/engine.js';
import { Logins } from '../../src/engine/logins.js';
import type { Settings } from '../../src/engine/parts.js';
import { Proofs } from '../../src/engine/proofs.js';
import { Till } from '../../src/engine/till.js';
import { VoucherDesk } from '../../src/engine/vouchers.js';
import { cash } from '../../src/payments/cash/cash.js';
import type { DepositScheme } from '../../src/ports/deposit-scheme.js';
import type { PaymentMethod } from '../../src/ports/payment-method.js';
import type { Portal } from '../../src/ports/portal.js';
import type { StoreOptions } from '../../src/store/options.js';
import type { Store } from '../../src/store/store.js';
import { openBooks } from '../../src/wiring/books.js';
import { TestClock } from '../rig/clock.js';
import { MemoryDisk, type Pick } from '../store/memory-disk.js';
import { TestPortal } from './portal.js';
import { mac, plan, plans } from './world.js';

const directory = '/state';

/** Everything that waits for nothing but its turn, and for what other threads deflate, has had it. */
export async function settled(): Promise<void> {
  for (let i = 0; i < 10; i++) await new Promise((resolve) => setImmediate(resolve));
}

export interface RouterOptions {
  readonly settings?: Partial<Settings>;
  readonly store?: Partial<StoreOptions>;
  /** Gates without a session are shut. @default true */
  readonly exclusive?: boolean;
  readonly portal?: TestPortal;
  readonly backends?: readonly DepositScheme[];
}

/** A router with one portal, whose daemon may die at any moment. */
export class Router {
  disk = new MemoryDisk();
  clock = new TestClock();
  readonly portal: TestPortal;
  readonly log: string[] = [];
  store!: Store;
  engine!: Engine;
  commands!: Commands;
  rounds!: DepositRounds;
  desk!: VoucherDesk;
  /** When the daemon was last there, as the portal was told. */
  since = 0;
  /** The run of the router: another one makes the next start a reboot. */
  machine = 'first';
  readonly #options: RouterOptions;
  #life = { over: false };
  #random = 0;
  #keys = 0;

  constructor(options: RouterOptions = {}) {
    this.#options = options;
    this.portal = options.portal ?? new TestPortal('lan');
  }

  static async begin(options: RouterOptions = {}): Promise<Router> {
    const router = new Router(options);
    await router.start();
    return router;
  }

  get book(): Book {
    return this.engine.accounts.book;
  }

  /** What the disk has. */
  async open(): Promise<{ store: Store; book: Book }> {
    const log = (level: string, text: string) => this.log.push(`${level} ${text}`);
    return openBooks({ directory, disk: this.disk, log, ...this.#options.store });
  }

  /** A daemon starts on what the disk has. */
  async start(): Promise<void> {
    const { settings: over, exclusive = true, backends = [] } = this.#options;
    this.#life = { over: false };
    const log = (level: string, text: string) => this.log.push(`${level} ${text}`);
    const { store, book } = await this.open();
    this.store = store;
    // Keeps what `records` shows.
    store.outbox('reader', 'oldest');
    const settings: Settings = {
      offer: {
        plans: new Map([...plans, plan('family', { devices: 2 })].map((p) => [p.id, p])),
        methods: methodsOf(backends),
      },
      flushInterval: millis(60_000),
      billDowntime: false,
      lowPercent: 80,
      lostAfter: millis(0),
      gateways: new Set([this.portal.name]),
      premises: [],
      ...over,
    };
    const { clock, machine } = this;
    const boot = `boot-${clock.now}`;
    const notify = () => {};
    this.engine = new Engine({ book, journal: store, clock, log, boot, machine, notify, settings });
    const random = (n: number) => {
      this.#random += 1;
      return new Uint8Array(n).map((_, i) => (this.#random >> (5 * i)) & 31);
    };
    const till = new Till(this.engine, random);
    this.rounds?.stop();
    this.rounds = new DepositRounds(this.engine, till, log);
    this.rounds.backends = new Map(backends.map((one) => [one.name, one]));
    const desk = new DepositDesk(this.engine, till, this.rounds);
    this.commands = new Commands(
      this.engine,
      till,
      new Logins(this.engine, till, new Proofs(random(32))),
      desk,
    );
    const sealer = { seal: (batch: string, codes: string) => `${batch} ${codes}`, unseal: () => '' };
    this.desk = new VoucherDesk(this.engine, till, random, (code) => `hash of ${code}`, sealer);
    await this.engine.begin();
    const cadence = {
      moved: () => {},
      forget: () => {},
      rates: () => ({ up: 0, down: 0 }),
      next: () => 1000,
    };
    await this.engine.watch([{ portal: this.#portalOfThisLife(), cadence, exclusive }]);
    this.rounds.start();
    await this.pass(1);
  }

  /** SIGKILL, and a new start: everything that was written is there. `prepare` may break the disk before that. */
  async kill(prepare: (disk: MemoryDisk) => void = () => {}): Promise<void> {
    const disk = this.disk.afterKill();
    prepare(disk);
    await this.#die(disk);
  }

  /** The power fails: of what was not synced, `pick` says what is there. */
  async cut(pick: Pick): Promise<void> {
    await this.#die(this.disk.afterPowerCut(pick));
  }

  /** Lets time pass, timer by timer, and what the store does on other threads. */
  async pass(ms: number): Promise<void> {
    await settled();
    await this.clock.pass(ms);
    await settled();
    await this.store.idle();
    await settled();
  }

  /** A customer's device is there. */
  async join(...devices: Mac[]): Promise<void> {
    for (const device of devices) this.portal.join(device);
    await this.pass(1001);
  }

  buy(who: Mac, over: Record<string, unknown> = {}): ReturnType<Commands['purchase']> {
    this.#keys += 1;
    const payment = { method: 'cash', reference: 'r' };
    return this.commands.purchase({ mac: who, plan: 'data', key: `k${this.#keys}`, payment, ...over });
  }

  /** Sold less given back, in cents, by the quarters of an hour that are kept. */
  get revenue(): bigint {
    const all = (this.book.stats.toPlain().quarters ?? []).flatMap((b) =>
      b.revenue.map((m) => BigInt(m.amount)),
    );
    return all.reduce((sum, amount) => sum + amount, 0n);
  }

  /** Every record that a sink can read, the oldest first. */
  records(): JournalRecord[] {
    return this.store
      .outbox('reader', 'oldest')
      .read(10_000)
      .map(({ data }) => data as JournalRecord);
  }

  async #die(disk: MemoryDisk): Promise<void> {
    this.#life.over = true;
    const { now, setBy } = this.clock;
    this.clock = Object.assign(new TestClock(), { now, setBy });
    this.disk = disk;
    await this.start();
  }

  /** What a dead daemon had under way reaches nobody. */
  #portalOfThisLife(): Portal {
    const life = this.#life;
    const { portal } = this;
    const alive = <T>(work: () => Promise<T>): Promise<T> => (life.over ? new Promise(() => {}) : work());
    return {
      name: portal.name,
      restore: (baselines, since) => {
        this.since = since;
        portal.restore(baselines);
      },
      poll: () => alive(() => portal.poll()),
      open: (device) => alive(() => portal.open(device)),
      close: (device) => alive(() => portal.close(device)),
    };
  }
}

function methodsOf(backends: readonly DepositScheme[]): Map<string, PaymentMethod> {
  const methods = new Map<string, PaymentMethod>([['cash', cash(new Map([['USD', 2]]))]]);
  for (const { name, currency, decimals } of backends)
    methods.set(name, { name, currencies: new Map([[currency, decimals]]) });
  return methods;
}

/** What a test does with the syncs of a disk that it holds back. */
export interface HeldSyncs {
  /** Lets the oldest one that waits go on. */
  next(): Promise<void>;
  /** Lets all go on, and those to come. */
  release(): Promise<void>;
  /** Makes all fail, and those to come until {@link release}. */
  fail(): Promise<void>;
}

/** Holds back every sync of a disk until the test says what comes of it. */
export function holdSyncs(disk: MemoryDisk): HeldSyncs {
  const sync = disk.sync.bind(disk);
  const waiting: (() => void)[] = [];
  let isHeld = true;
  let isFailing = false;
  const letGo = (fails: boolean) => {
    isHeld = false;
    isFailing = fails;
    for (const go of waiting.splice(0)) go();
    return settled();
  };
  disk.sync = async (fd) => {
    if (isHeld) await new Promise<void>((resolve) => waiting.push(resolve));
    if (!isFailing) return sync(fd);
    const { before } = disk;
    disk.before = () => {
      throw Object.assign(new Error('EIO: simulated'), { code: 'EIO' });
    };
    await sync(fd).finally(() => {
      disk.before = before;
    });
  };
  return {
    next: () => {
      waiting.shift()?.();
      return settled();
    },
    release: () => letGo(false),
    fail: () => letGo(true),
  };
}

export { mac };
