// A small world for the engine alone: a clock that the test moves, a journal in memory and portals that answer at
// once. The real portal, journal and timers have tests of their own and meet the engine in the system test.
import { randomBytes } from 'node:crypto';
import { Book } from '../../src/domain/book.js';
import type { Mac } from '../../src/domain/mac.js';
import { parsePrice } from '../../src/domain/money.js';
import type { Plan } from '../../src/domain/plan.js';
import type { Baseline, GateOutcome, PollOutcome, PortalFault, Reading } from '../../src/domain/reading.js';
import type { JournalRecord } from '../../src/domain/record.js';
import { type Bytes, bytes, millis } from '../../src/domain/units.js';
import { Commands } from '../../src/engine/commands.js';
import { DepositDesk } from '../../src/engine/deposits/desk.js';
import { DepositRounds } from '../../src/engine/deposits/rounds.js';
import { Engine } from '../../src/engine/engine.js';
import { Logins } from '../../src/engine/logins.js';
import type { EngineParts, Settings } from '../../src/engine/parts.js';
import { Proofs } from '../../src/engine/proofs.js';
import { Till } from '../../src/engine/till.js';
import { VoucherDesk } from '../../src/engine/vouchers.js';
import { cash } from '../../src/payments/cash/cash.js';
import type { Clock } from '../../src/ports/clock.js';
import type { DepositScheme } from '../../src/ports/deposit-scheme.js';
import type { Journal } from '../../src/ports/journal.js';
import type { Notice } from '../../src/ports/notice.js';
import type { PaymentMethod } from '../../src/ports/payment-method.js';
import type { Cadence, Portal } from '../../src/ports/portal.js';

/** Lets everything that waits on settled promises run. */
export async function ticks(): Promise<void> {
  for (let i = 0; i < 40; i++) await Promise.resolve();
}

export class TestClock implements Clock {
  now = 1_000_000;
  /** Somebody set the clock: by how much, in ms. */
  setBy = 0;
  #timers: { at: number; task: () => void }[] = [];

  mono(): number {
    return this.now;
  }

  wall(): number {
    return 1_790_000_000_000 + this.now + this.setBy;
  }

  after(ms: number, task: () => void): () => void {
    const timer = { at: this.now + ms, task };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((t) => t !== timer);
    };
  }

  /** Lets time pass, timer by timer. */
  async pass(ms: number): Promise<void> {
    const end = this.now + ms;
    for (;;) {
      const next = this.#timers.filter((t) => t.at <= end).sort((a, b) => a.at - b.at)[0];
      if (!next) break;
      this.#timers = this.#timers.filter((t) => t !== next);
      this.now = Math.max(this.now, next.at);
      next.task();
      await ticks();
    }
    this.now = end;
    await ticks();
  }
}

export class MemoryJournal implements Journal {
  records: JournalRecord[] = [];
  state: object | undefined;
  full = false;
  failSync = false;
  wantsSnapshot = false;

  /** Records that still fit on a full disk once the room kept for that has been given up. */
  spare = 0;
  #roomLeft = 0;

  giveRoom(): boolean {
    this.#roomLeft = this.spare;
    this.spare = 0;
    return this.#roomLeft > 0;
  }

  append(record: JournalRecord): void {
    if (this.full && this.#roomLeft-- > 0) this.records.push(structuredClone(record));
    else if (this.full) throw Object.assign(new Error('no space left'), { code: 'storage_full' });
    else this.records.push(structuredClone(record));
  }

  async sync(): Promise<void> {
    if (this.failSync) throw Object.assign(new Error('i/o error'), { code: 'storage_failed' });
  }

  async snapshot(state: object): Promise<void> {
    if (this.full) throw Object.assign(new Error('no space left'), { code: 'storage_full' });
    this.state = structuredClone(state);
    this.records = [];
  }

  /** The book as a restart would find it. */
  replay(): Book {
    const book = new Book(this.state as ConstructorParameters<typeof Book>[0]);
    for (const record of this.records) book.apply(record);
    return book;
  }
}

interface Client {
  open: boolean;
  up: number;
  down: number;
  epoch: number;
}

/** A portal that behaves like openNDS (`deauth` forgets the client) or like nodogsplash (it keeps it). */
export class TestPortal implements Portal {
  readonly name: string;
  readonly forgets: boolean;
  readonly clients = new Map<Mac, Client>();
  /** Bytes that passed an open gate: what the books are compared with. */
  readonly served = new Map<Mac, number>();
  readonly commands: string[] = [];
  fault: PortalFault | undefined;
  failGates = false;
  /** Open clients move a little at every turn of a gate. */
  chatter = false;
  /** Clients that a restart brings back open, with counters that stand still. */
  readonly restored = new Set<Mac>();
  #last = new Map<Mac, Client>();
  #epoch = 1;

  constructor(name: string, forgets = false) {
    this.name = name;
    this.forgets = forgets;
  }

  join(mac: Mac): void {
    this.#forget(mac);
    this.clients.set(mac, { open: false, up: 0, down: 0, epoch: this.#epoch++ });
  }

  leave(mac: Mac): void {
    this.#forget(mac);
    this.clients.delete(mac);
  }

  /** Every client starts anew, shut and at zero, as after a restart of the portal. */
  restart(): void {
    for (const mac of this.clients.keys()) this.join(mac);
  }

  carry(mac: Mac, up: number, down: number): void {
    const client = this.clients.get(mac);
    if (!client?.open) return;
    client.up += up;
    client.down += down;
    this.served.set(mac, (this.served.get(mac) ?? 0) + up + down);
  }

  /** What the portal counted and nobody has read is lost with its counters: no book can have it. */
  #forget(mac: Mac): void {
    const client = this.clients.get(mac);
    if (!client) return;
    const last = this.#last.get(mac);
    const read = last?.epoch === client.epoch ? last.up + last.down : 0;
    this.served.set(mac, (this.served.get(mac) ?? 0) - (client.up + client.down - read));
  }

  restore(baselines: readonly Baseline[]): void {
    for (const b of baselines) this.#last.set(b.mac, { open: false, up: b.up, down: b.down, epoch: b.epoch });
  }

  async poll(): Promise<PollOutcome> {
    if (this.fault) return { ok: false, reason: this.fault, detail: 'told to', tookMs: 1 };
    const readings: Reading[] = [];
    for (const mac of new Set([...this.clients.keys(), ...this.#last.keys()]))
      readings.push(...this.#read(mac));
    return { ok: true, complete: true, readings, clients: this.clients.size, tookMs: 1, kicks: 0 };
  }

  async open(mac: Mac): Promise<GateOutcome> {
    return this.#turn('open', mac, (client) => {
      client.open = true;
    });
  }

  async close(mac: Mac): Promise<GateOutcome> {
    return this.#turn('close', mac, () => {
      if (this.forgets) this.leave(mac);
      else this.join(mac);
    });
  }

  #turn(what: 'open' | 'close', mac: Mac, act: (client: Client) => void): GateOutcome {
    this.commands.push(`${what} ${mac}`);
    // Traffic does not wait for a gate's turn: what moved since the last poll is in the counters only.
    if (this.chatter) for (const other of this.clients.keys()) this.carry(other, 1, 2);
    if (this.fault || this.failGates) {
      return { ok: false, reason: this.fault ?? 'unchanged', detail: 'told to', before: [] };
    }
    const before = this.#read(mac);
    const client = this.clients.get(mac);
    if (!client && what === 'open') return { ok: false, reason: 'unknown-client', detail: '', before };
    if (client) act(client);
    return { ok: true, before, after: this.#read(mac) };
  }

  #read(mac: Mac): Reading[] {
    const client = this.clients.get(mac);
    const last = this.#last.get(mac);
    if (!client && !last) return [];
    const now = client ?? { ...last!, open: false };
    const same = last !== undefined && last.epoch === now.epoch;
    const delta = (counter: 'up' | 'down') => (same ? now[counter] - last[counter] : now[counter]) as Bytes;
    if (client) this.#last.set(mac, { ...client });
    else this.#last.delete(mac);
    const baseline = { mac, ip: '10.0.0.1', epoch: now.epoch, up: bytes(now.up), down: bytes(now.down) };
    const flags = {
      open: now.open,
      fresh: !last,
      reset: !same,
      restored: this.restored.delete(mac),
      gone: !client,
    };
    return [{ mac, ip: '10.0.0.1', up: delta('up'), down: delta('down'), ...flags, baseline }];
  }
}

/** Looks every second. */
const everySecond = (): Cadence => ({
  moved: () => {},
  forget: () => {},
  rates: () => ({ up: 0, down: 0 }),
  next: () => 1000,
});

export function plan(id: string, over: Partial<Plan> = {}): Plan {
  return {
    id,
    title: id,
    metric: 'bytes',
    stepSize: 1000,
    prices: [parsePrice('0.50 USD')!],
    minSteps: 1,
    maxSteps: 1000,
    caps: {},
    devices: 1,
    pauseAway: false,
    ...over,
  };
}

export const plans = [
  plan('data'),
  plan('time', { metric: 'time', stepSize: 60_000 }),
  plan('both', { caps: { millis: millis(60_000) } }),
  plan('pausing', { metric: 'time', stepSize: 60_000, pauseAway: true }),
  plan('idle', { idleTimeout: millis(30_000) }),
  plan('fast', { upRate: 1000, downRate: 5000 }),
  plan('valid', { caps: { validity: millis(100_000) } }),
];

export interface World {
  readonly clock: TestClock;
  readonly journal: MemoryJournal;
  readonly portals: readonly TestPortal[];
  readonly portal: TestPortal;
  readonly notices: Notice[];
  readonly log: string[];
  engine: Engine;
  commands: Commands;
  logins: Logins;
  rounds: DepositRounds;
  /** What deposits are held by, from the next start on. */
  backends: DepositScheme[];
  /** The run of the router: another one makes the next start a reboot. */
  machine: string;
  desk: VoucherDesk;
  /** Stops nothing, loses all that is not in the journal, and begins anew. */
  crash(): Promise<void>;
  buy(mac: Mac, over?: Record<string, unknown>): ReturnType<Commands['purchase']>;
}

export const mac = (n: number): Mac => `02:00:00:00:00:${n.toString(16).padStart(2, '0')}` as Mac;

/** An engine at work on the given portals, one named `lan` when none are given. */
export async function world(
  portals: readonly TestPortal[] = [new TestPortal('lan')],
  over: Partial<Settings> = {},
  exclusive = true,
  backstop?: EngineParts['backstop'],
): Promise<World> {
  const clock = new TestClock();
  const notices: Notice[] = [];
  const log: string[] = [];
  const methods = new Map<string, PaymentMethod>([['cash', cash(new Map([['USD', 2]]))]]);
  const settings: Settings = {
    offer: { plans: new Map(plans.map((p) => [p.id, p])), methods },
    flushInterval: millis(60_000),
    billDowntime: false,
    lowPercent: 80,
    lostAfter: millis(0),
    ...over,
  };
  let keys = 0;
  let random = 0;
  // The router's own, kept over restarts.
  const secret = randomBytes(32);
  const start = async (self: World, boot: string): Promise<void> => {
    self.engine = new Engine({
      book: self.journal.replay(),
      journal: self.journal,
      clock,
      log: (level, text) => log.push(`${level} ${text}`),
      boot,
      machine: self.machine,
      notify: (n) => {
        notices.push(n);
        self.rounds.hear(n);
      },
      settings,
      ...(backstop && { backstop }),
    });
    const till = new Till(self.engine, (n) => {
      random += 1;
      return new Uint8Array(n).fill(0).map((_, i) => (random >> (5 * i)) & 31);
    });
    self.logins = new Logins(self.engine, till, new Proofs(secret));
    self.rounds?.stop();
    self.rounds = new DepositRounds(self.engine, till, (level, text) => log.push(`${level} ${text}`));
    const deposits = new DepositDesk(self.engine, till, self.rounds);
    self.commands = new Commands(self.engine, till, self.logins, deposits);
    // The real hash is keyed with the router's secret.
    self.desk = new VoucherDesk(self.engine, till, randomBytes, (code) => `hash of ${code}`);
    await self.engine.begin();
    self.rounds.backends = new Map(self.backends.map((b) => [b.name, b]));
    const paid = new Map<string, PaymentMethod>(methods);
    for (const { name, currency, decimals } of self.backends) {
      paid.set(name, { name, currencies: new Map([[currency, decimals]]) });
    }
    self.engine.configure({ ...settings, offer: { ...settings.offer, methods: paid } });
    self.rounds.start();
    await self.engine.watch(portals.map((portal) => ({ portal, cadence: everySecond(), exclusive })));
  };
  const self: World = {
    clock,
    journal: new MemoryJournal(),
    portals,
    portal: portals[0]!,
    notices,
    log,
    engine: undefined as unknown as Engine,
    commands: undefined as unknown as Commands,
    logins: undefined as unknown as Logins,
    rounds: undefined as unknown as DepositRounds,
    backends: [],
    machine: 'first',
    desk: undefined as unknown as VoucherDesk,
    async crash() {
      // The old engine hears of nothing any more: its timers are the clock's, so it must be stopped in silence.
      const records = self.journal.records.slice();
      const { state } = self.journal;
      await self.engine.stop();
      Object.assign(self.journal, { records, state });
      await start(self, `boot-${clock.now}`);
    },
    buy(who, over = {}) {
      keys += 1;
      const payment = { method: 'cash', reference: 'r' };
      return self.commands.purchase({ mac: who, plan: 'data', key: `k${keys}`, payment, ...over });
    },
  };
  await start(self, 'boot-0');
  await ticks();
  return self;
}
