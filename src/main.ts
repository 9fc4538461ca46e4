import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { answer, methods } from './api/control.js';
import type { Service } from './api/service.js';
import type { View } from './api/view.js';
import { systemClock } from './clock.js';
import type { Config, ConfigResult } from './config/config.js';
import { formatFaults } from './config/fault.js';
import { Book, type PlainBook } from './domain/book.js';
import { coalescing } from './domain/coalesce.js';
import type { JournalRecord } from './domain/record.js';
import { Commands } from './engine/commands.js';
import { DepositDesk } from './engine/deposits/desk.js';
import { DepositRounds } from './engine/deposits/rounds.js';
import { Engine } from './engine/engine.js';
import { Logins } from './engine/logins.js';
import type { Settings } from './engine/parts.js';
import { Till } from './engine/till.js';
import { VoucherDesk } from './engine/vouchers.js';
import { Backstop } from './kernel/backstop.js';
import { nftAt } from './kernel/nft.js';
import { cash } from './payments/cash/cash.js';
import { MeterPool } from './portals/metering/pool.js';
import type { Log } from './ports/log.js';
import type { Notice } from './ports/notice.js';
import type { PaymentMethod } from './ports/payment-method.js';
import { openStore } from './store/open.js';
import { version } from './version.js';
import { buildersOf } from './wiring/builders.js';
import { CodeHash } from './wiring/code-hash.js';
import { Gateways } from './wiring/portals.js';
import { publish } from './wiring/publish.js';
import { serviceOf } from './wiring/service.js';
import { Sinks } from './wiring/sinks.js';
import { Upstreams } from './wiring/upstreams.js';

/** What a daemon is started with. */
export interface DaemonOptions {
  /** Reads the configuration; called again by `reload`. */
  readonly load: () => ConfigResult;
  readonly log: Log;
  /** The worker's file of this build. */
  readonly worker: URL;
  /** Told of every notice, beside those on ubus. */
  readonly onNotice?: (notice: Notice) => void;
}

/** A daemon at work. */
export interface Daemon {
  readonly engine: Engine;
  readonly service: Service;
  reload(): Promise<View>;
  /** Drains: the turns under way end, all usage is written. Gates stay as they are. */
  stop(): Promise<void>;
}

/** The configuration has faults; `message` lists them all. */
export class ConfigError extends Error {
  readonly code = 'bad_config';
}

/** Puts a daemon together and starts it: the only place that knows all the parts. */
export async function startDaemon(options: DaemonOptions): Promise<Daemon> {
  const { log } = options;
  const loaded = options.load();
  if (!loaded.ok) throw new ConfigError(formatFaults(loaded.faults));
  let config = loaded.config;
  const { store, recovered } = await openStore({ directory: config.main.directory, log, coalesce });
  for (const line of recovered.setAside) log('error', `journal: ${line}`);
  const book = new Book(recovered.snapshot as PlainBook | undefined);
  for (const { data } of recovered.records) book.apply(data as JournalRecord);

  const nft = nftAt(config.main.nft);
  const pool = new MeterPool({ worker: options.worker, threads: config.main.threads });
  const started = systemClock.mono();
  const boot = randomBytes(6).toString('hex');
  const tell = new Set<(notice: Notice) => void>(options.onNotice ? [options.onNotice] : []);
  const notify = (notice: Notice) => {
    for (const listener of tell) listener(notice);
  };
  const engine = new Engine({
    book,
    journal: store,
    clock: systemClock,
    log,
    boot,
    machine: machineOf(boot),
    notify,
    settings: settingsOf(config),
    ...(config.main.backstop && { backstop: (holds) => new Backstop(nft, holds, log) }),
  });
  // What an earlier run left in the kernel would go on cutting people off.
  if (!config.main.backstop) await new Backstop(nft, () => []).remove();
  const till = new Till(engine, randomBytes);
  const logins = new Logins(engine, till, randomBytes);
  const rounds = new DepositRounds(engine, till, log);
  const deposits = new DepositDesk(engine, till, rounds);
  tell.add((notice) => rounds.hear(notice));
  const commands = new Commands(engine, till, logins, deposits);
  const codes = await CodeHash.open(config.main.directory, book.vouchers.size > 0, log);
  const desk = new VoucherDesk(engine, till, randomBytes, (code) => codes.hash(code));
  const gateways = new Gateways(engine, pool);
  const router = config.main.router ?? hostname();
  const upstreams = new Upstreams(
    buildersOf({
      ...{ engine, commands, logins, rounds, store, log, router },
      ...{ boot, directory: config.main.directory },
      newId: () => till.newId(),
      call: (method, args) => answer(methods[method]!, args, service),
      offered: () => engine.configure(settingsOf(config, deposits.methods)),
    }),
    store,
    log,
  );

  const sinks = new Sinks(() => upstreams.status, notify);

  async function reload(): Promise<View> {
    const next = options.load();
    if (!next.ok) {
      const faults = next.faults.map((f) => ({ ...f }));
      const message = `${faults.length} faults: the old configuration stays`;
      return { applied: false, error: { code: 'bad_config', message }, faults };
    }
    const restart = needsRestart(config, next.config);
    config = next.config;
    engine.configure(settingsOf(config, deposits.methods));
    await gateways.apply(config.gateways);
    await upstreams.apply(config.upstreams);
    rounds.start();
    log('info', `configuration applied: ${config.plans.length} plans, ${config.gateways.length} gateways`);
    return { applied: true, ...(restart.length > 0 && { needs_restart: restart }) };
  }

  const service = serviceOf(engine, commands, desk, {
    reload,
    log,
    testUpstream: (name) => upstreams.test(name),
    status: () => ({
      version,
      boot,
      router,
      uptime: Math.floor((systemClock.mono() - started) / 1000),
      journal: journalView(store.stats, engine.accounts.incomplete),
      sinks: upstreams.status,
    }),
  });
  await engine.begin();
  await upstreams.apply(config.upstreams);
  const bus = await publish(service, config, log, tell);
  sinks.start();
  await gateways.apply(config.gateways);
  rounds.start();
  log('info', `turnpike ${version} is up: ${config.plans.length} plans, ${gateways.size} gateways`);

  return {
    engine,
    service,
    reload,
    async stop() {
      bus.close();
      sinks.stop();
      rounds.stop();
      await Promise.all([gateways.stop(), upstreams.stop()]);
      await engine.stop();
      await pool.close();
      await store.close();
      log('info', 'stopped: all usage is written');
    },
  };
}

/** Rules for what the journal need not keep for upstreams that do not answer. */
const coalesce = () => coalescing() as (data: unknown) => unknown;

/** The kernel's name for the time since the router was switched on; where it has none, each run is taken for one. */
function machineOf(boot: string): string {
  const file = '/proc/sys/kernel/random/boot_id';
  return existsSync(file) ? readFileSync(file, 'utf8').trim() : boot;
}

function settingsOf(config: Config, deposits: readonly PaymentMethod[] = []): Settings {
  const { flushInterval, billDowntime, lowPercent, lostAfter } = config.main;
  const tills = config.methods.map(({ currencies }) => cash(currencies));
  const methods = new Map([...tills, ...deposits].map((method) => [method.name, method]));
  const offer = { plans: new Map(config.plans.map((p) => [p.id, p])), methods };
  return { offer, flushInterval, billDowntime, lowPercent, lostAfter };
}

/** Settings that a running daemon cannot change. */
function needsRestart(before: Config, after: Config): string[] {
  const fixed = ['directory', 'socket', 'threads', 'heartbeat', 'backstop', 'nft'] as const;
  return fixed.filter((option) => before.main[option] !== after.main[option]);
}

function journalView(stats: { state: string; bytes: number; lastError?: string }, incomplete: boolean): View {
  const { state, bytes, lastError } = stats;
  const isWritable = state === 'ok' || state === 'behind';
  return { state: incomplete && isWritable ? 'incomplete' : state, bytes, error: lastError ?? '' };
}
