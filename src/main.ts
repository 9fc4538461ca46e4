import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { answer, methods } from './api/control.js';
import { systemClock } from './clock.js';
import { coalescing } from './domain/coalesce.js';
import { baselinesAt } from './domain/traffic.js';
import { Commands } from './engine/commands.js';
import { DepositDesk } from './engine/deposits/desk.js';
import { DepositRounds } from './engine/deposits/rounds.js';
import { Engine } from './engine/engine.js';
import { Logins } from './engine/logins.js';
import { within } from './engine/patience.js';
import { Till } from './engine/till.js';
import { VoucherDesk } from './engine/vouchers.js';
import { nftAt } from './kernel/nft.js';
import { MeterPool, mostOwn } from './portals/metering/pool.js';
import type { Notice } from './ports/notice.js';
import { Keepsake } from './store/keepsake.js';
import { version } from './version.js';
import { openBooks } from './wiring/books.js';
import { clockFrom, clockView } from './wiring/clock.js';
import { CodeHash } from './wiring/code-hash.js';
import type { Daemon, DaemonOptions } from './wiring/daemon.js';
import { damageTeller } from './wiring/damage-teller.js';
import { Grounds } from './wiring/grounds.js';
import { journalView } from './wiring/journal-view.js';
import { dropTable, kernelOf } from './wiring/kernel.js';
import { machineOf } from './wiring/machine.js';
import { members as ofThisVersion } from './wiring/members.js';
import { openOrderDesk } from './wiring/order-desk.js';
import { paymentPartsOf } from './wiring/payment-parts.js';
import { PaymentSources } from './wiring/payments.js';
import { Portals } from './wiring/portals.js';
import { proofsOf } from './wiring/proofs.js';
import { publish } from './wiring/publish.js';
import { loadToStart, Reload } from './wiring/reload.js';
import type { Config } from './wiring/schema.js';
import { serviceOf } from './wiring/service.js';
import { orderHooks, paymentSections, settingsOf } from './wiring/settings.js';
import { setupService } from './wiring/setup-service.js';
import { StandingWatch } from './wiring/standings.js';
import { Upstreams } from './wiring/upstreams.js';
import { Web } from './wiring/web.js';

export type { Daemon, DaemonOptions } from './wiring/daemon.js';
export { ConfigError } from './wiring/reload.js';

/** How long servers are waited for at start and reload, in ms: a lookup of a name may fail only after 20 s. */
const upstreamPatienceMs = 2_000;
/** How long their last reports, and calls under way, may take at the end, in ms: procd kills after 30 s. */
const farewellMs = 6_000;
const answersMs = 10_000;
/** How long an nft that hangs keeps the start and the end waiting, in ms. */
const nftMs = 2_000;

/** Puts a daemon together and starts it: the only place that knows all the parts. */
export async function startDaemon(options: DaemonOptions): Promise<Daemon> {
  const { log, members = ofThisVersion } = options;
  const loaded = loadToStart(options.load, log);
  let { config } = loaded;
  const { directory, backstop, nft } = config.main;
  const { store, book, setAside } = await openBooks({ directory, log, coalesce });
  const lastRecovered = store.stats.lastSeq;
  for (const line of setAside) log('error', `journal: ${line}`);
  const clock = clockFrom(book.at, log);

  const pool = new MeterPool({ worker: options.worker, threads: config.main.threads, mostOwn });
  const started = systemClock.mono();
  const boot = randomBytes(6).toString('hex');
  const router = config.main.router ?? hostname();
  const tell = new Set<(notice: Notice) => void>(options.onNotice ? [options.onNotice] : []);
  const notify = (notice: Notice) => {
    for (const listener of tell) listener(notice);
  };
  const kernel = backstop ? (options.kernel ?? kernelOf(config.main, pool, log)) : undefined;
  const grounds = new Grounds({
    ...{ portals: members.portals, clock: systemClock, log },
    nft: backstop ? nftAt(nft) : undefined,
    changed: () => offer(),
  });
  grounds.apply(config);
  // Before the table is taken over: what is open to everybody stays so.
  await within(systemClock, nftMs, grounds.look());
  const engine = new Engine({
    book,
    journal: store,
    clock,
    log,
    boot,
    machine: machineOf(boot),
    notify,
    settings: settingsOf(config, [], grounds.premises),
    ...(kernel && { kernel }),
  });
  // Caps that an earlier run left in the kernel would go on cutting customers off.
  if (!backstop) await within(systemClock, nftMs, dropTable(nft));
  const till = new Till(engine, randomBytes);
  const logins = new Logins(engine, till, await proofsOf(directory, log));
  const rounds = new DepositRounds(engine, till, log);
  const deposits = new DepositDesk(engine, till, rounds);
  const commands = new Commands(engine, till, logins, deposits);
  const codes = await CodeHash.open(directory, book.vouchers.size > 0, log, (text) => store.noteDamage(text));
  const acknowledgeDamage = () => codes.accept().then(() => store.acknowledgeDamage());
  const desk = new VoucherDesk(engine, till, randomBytes, (code) => codes.hash(code), codes);

  const teller = damageTeller(store, log);
  const orders = await openOrderDesk(engine, { commands, vouchers: desk }, directory, teller);

  const { socket } = config.main;
  const portals = new Portals(engine, members.portals, {
    pool,
    kernelKeepsRates: () => engine.kernelWatch?.keepsRates === true,
    gate: kernel?.gate,
    socket,
  });
  const parts = { clock, log };
  const paymentParts = paymentPartsOf(engine, orders, directory, teller);
  const payments = new PaymentSources(members.payments, paymentParts, rounds, offer);
  tell.add((notice) => payments.hear(notice));
  const upstreams = new Upstreams(
    members,
    {
      ...{ ...parts, router, boot },
      running: () => book.running(),
      newId: () => till.newId(),
      at: () => book.at,
      recovered: lastRecovered,
      outbox: (sink) => ({ isNew: !store.sinks.includes(sink), outbox: store.outbox(sink, 'now') }),
      keepsake: (file) => new Keepsake(directory, file),
      orderly: {
        call: (method, args) => answer(methods[method]!, args, service),
        addressesOf: (session) =>
          engine.addressesOf(session) ?? baselinesAt(session, session.gateway).map(({ ip }) => ip),
        close: (id, cause) => commands.close(id, cause),
        reauthorize: (id, to) => logins.reauthorize(id, to),
        canShape: () => engine.kernelWatch?.keepsRates === true,
      },
    },
    store,
    () => {
      logins.authorizers = upstreams.authorizers;
    },
  );
  logins.reported = (method, sessions) => upstreams.reported(method, sessions);
  const standings = new StandingWatch(() => {
    const { sinks: sink, authorizers: authorizer } = upstreams.standings;
    return { sink, authorizer, payment: payments.standings };
  }, notify);

  /** Sells what is configured, by the methods that are at work. */
  function offer(): void {
    if (!config.main.reprint) void engine.accounts.forgetCodes();
    orders.hooks = [...orderHooks(config, router), ...payments.billings];
    const methods = [...payments.methods, ...deposits.methods, ...orders.methods];
    engine.configure(settingsOf(config, methods, grounds.premises));
  }

  const { devices } = options;
  const page = new Web({
    ...parts,
    members,
    devices,
    logins: () => [...logins.authorizers.keys()],
    service: () => service,
    premises: () => grounds.premises,
  });
  const reload = new Reload({
    ...{ load: options.load, log, started: loaded },
    async apply(next) {
      config = next;
      await page.apply(config);
      grounds.apply(config);
      await payments.apply(paymentSections(config));
      offer();
      await portals.apply(config.gateways);
      // A slow lookup of a server's name must not keep the caller waiting.
      await within(systemClock, upstreamPatienceMs, upstreams.apply(config.upstreams));
    },
  });

  const service = serviceOf(engine, commands, desk, {
    ...{ reload: () => reload.run(), log, orders, acknowledgeDamage },
    setup: setupService({
      ...{ config: () => config, portals: members.portals, place: options.place, log },
      reload: () => reload.run(),
    }),
    deviceName: (mac) => portals.nameOf(mac),
    testUpstream: async (name) => (await upstreams.test(name)) ?? payments.test(name),
    status: () => ({
      version,
      boot,
      router,
      uptime: Math.floor((systemClock.mono() - started) / 1000),
      clock: clockView(clock),
      journal: journalView(store, engine.accounts.incomplete),
      configuration: reload.standing,
      ...upstreams.standings,
      payments: payments.standings,
    }),
  });
  await engine.begin();
  if (!config.main.reprint) await engine.accounts.forgetCodes();
  await page.apply(config);
  await payments.apply(paymentSections(config));
  // Beside each other: an ubusd that does not answer keeps nobody from being metered and capped.
  const [bus] = await Promise.all([
    publish(service, config, log, tell),
    portals.apply(config.gateways).then(() => {
      payments.start();
      void orders.resume();
    }),
  ]);
  standings.start();
  grounds.start();
  // After the portals: metering and caps wait for no server.
  await within(systemClock, upstreamPatienceMs, upstreams.apply(config.upstreams, typesOff(config)));
  log('info', `turnpike ${version} is up: ${config.plans.length} plans, ${portals.size} gateways`);

  return {
    engine,
    service,
    reload: () => reload.run(),
    async stop() {
      // First of all: a router that is switched off leaves a second.
      await engine.accounts.flush();
      await reload.stop(async () => {
        standings.stop();
        await Promise.all([within(systemClock, nftMs, grounds.stop()), page.stop()]);
        // A purchase under way is answered before the end; portals turn its gate, so they end after it.
        await within(systemClock, answersMs, bus.drain());
        await bus.close();
        rounds.stop();
        const farewell = within(systemClock, upstreamPatienceMs + farewellMs, upstreams.stop());
        const ends = await Promise.allSettled([portals.stop(), farewell, payments.stop()]);
        for (const end of ends) if (end.status === 'rejected') log('error', `stopping: ${end.reason}`);
        await engine.stop();
        await pool.close();
        await store.close();
        log('info', 'stopped: all usage is written');
      });
    },
  };
}

/** Types of the sections that are off for their faults. */
const typesOff = ({ off }: Pick<Config, 'off'>) => off.map(({ type }) => type);
const coalesce = () => coalescing() as (data: unknown) => unknown;
