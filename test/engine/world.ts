// A small world for the engine alone: a clock that the test moves, a journal in memory and portals that answer at
// once. The real portal, journal and timers have tests of their own and meet the engine in the system test.
import { randomBytes } from 'node:crypto';
import type { Mac } from '../../src/domain/mac.js';
import { parsePrice } from '../../src/domain/money.js';
import type { Plan } from '../../src/domain/plan.js';
import { millis } from '../../src/domain/units.js';
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
import type { DepositScheme } from '../../src/ports/deposit-scheme.js';
import type { Notice } from '../../src/ports/notice.js';
import type { PaymentMethod } from '../../src/ports/payment-method.js';
import type { Cadence } from '../../src/ports/portal.js';
import { seal, unseal } from '../../src/wiring/code-seal.js';
import { settled, TestClock } from '../rig/clock.js';
import { MemoryJournal } from './journal.js';
import { TestPortal } from './portal.js';

/** Looks every second. */
export const everySecond = (): Cadence => ({
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
  /** What happens between the begin of a start and the taking up of the portals. */
  meanwhile: () => Promise<void>;
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
  kernel?: EngineParts['kernel'],
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
    gateways: new Set(),
    premises: [],
    ...over,
  };
  let keys = 0;
  let random = 0;
  // The router's own, kept over restarts.
  const secret = randomBytes(32);
  const start = async (self: World, boot: string): Promise<void> => {
    const atWork = { ...settings, gateways: new Set(portals.map(({ name }) => name)) };
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
      settings: atWork,
      ...(kernel && { kernel }),
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
    self.desk = new VoucherDesk(self.engine, till, randomBytes, (code) => `hash of ${code}`, {
      seal: (batch, codes) => seal(secret, batch, codes),
      unseal: (batch, sealed) => unseal(secret, batch, sealed)!,
    });
    await self.engine.begin();
    self.rounds.backends = new Map(self.backends.map((b) => [b.name, b]));
    const paid = new Map<string, PaymentMethod>(methods);
    for (const { name, currency, decimals } of self.backends) {
      paid.set(name, { name, currencies: new Map([[currency, decimals]]) });
    }
    self.engine.configure({ ...atWork, offer: { ...atWork.offer, methods: paid } });
    self.rounds.start();
    await self.meanwhile();
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
    meanwhile: async () => {},
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
  await settled();
  return self;
}
