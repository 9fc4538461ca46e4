import { randomBytes } from 'node:crypto';
import type { Service } from '../api/service.js';
import type { View } from '../api/view.js';
import type { Book } from '../domain/book.js';
import { type Mac, parseMac } from '../domain/mac.js';
import { isDone, type Session } from '../domain/session.js';
import type { Commands } from '../engine/commands.js';
import type { Engine } from '../engine/engine.js';
import { freeStanding } from '../engine/free.js';
import { TillCodes } from '../engine/till-codes.js';
import type { VoucherDesk } from '../engine/vouchers.js';
import { tokensOf } from './tokens.js';

/** What the daemon adds to the engine's own answers. */
export interface ServiceExtras {
  readonly status: () => View;
  readonly reload: () => Promise<View>;
  readonly acknowledgeDamage: Service['acknowledgeDamage'];
  readonly log: Service['log'];
  readonly testUpstream: Service['testUpstream'];
  readonly setup: Service['setup'];
  readonly orders: Service['orders'];
  readonly deviceName?: Service['deviceName'];
}

/** The engine as the API asks for it. */
export function serviceOf(
  engine: Engine,
  commands: Commands,
  desk: VoucherDesk,
  extras: ServiceExtras,
): Service {
  const { accounts, clock } = engine;
  const { book } = accounts;
  const till = new TillCodes(clock, randomBytes);
  const settled = (session: Session | undefined) => session && accounts.upToDate(session.id);
  return {
    status: () => ({
      ...extras.status(),
      gateways: engine.gateways.map(viewGateway),
      backstop: viewBackstop(engine.kernel),
      sessions: countByState(book.all()),
    }),
    plans: () => engine.settings.offer.plans.values(),
    quote: (order, method) => commands.quote(order, method),
    purchase: (order) => commands.purchase(order),
    grant: (order) => commands.grant(order),
    close: (id, cause) => commands.close(id, cause),
    sign: (id, given, key) => commands.sign(id, given, key),
    deposits: () => book.deposits.all(),
    tillCode: (mac) => till.of(mac),
    knownTillCode: (mac) => till.known(mac),
    find: (what) => devicesOf(what, book, till),
    deviceName: (mac) => extras.deviceName?.(mac),
    freeStanding: (plan, mac) => freeStanding(engine, plan, mac),
    carryCode: (id) => desk.carries.create(id),
    carry: (code, mac) => desk.carries.redeem(code, mac),
    vouchers: {
      create: (order) => desk.create(order),
      codes: (batch) => desk.codes(batch),
      keeps: (batch) => desk.keeps(batch),
      redeem: (code, target) => desk.redeem(code, target),
      cancel: (batch, number) => desk.cancel(batch, number),
      list: (batch) => (batch === undefined ? book.vouchers.all() : book.vouchers.batch(batch)),
    },
    logout: (user, key, cause) => commands.logout(user, key, cause),
    session: (id) => settled(book.get(id)),
    sessionOfMac: (mac) => settled(book.runningOfMac(mac).at(-1) ?? newestDone(book.all(), { mac })),
    sessionOfUser: (user) => settled(book.runningOfUser(user).at(-1) ?? newestDone(book.all(), { user })),
    sessions: () => book.all(),
    rates: (session) => engine.rates(session),
    series: (from, to, span) => book.stats.series(from, to, span),
    takings: (from, to) => book.stats.takings(from, to),
    now: () => clock.wall(),
    ...tokensOf(() => engine.settings.offer.methods.values()),
    reload: extras.reload,
    acknowledgeDamage: extras.acknowledgeDamage,
    testUpstream: extras.testUpstream,
    setup: extras.setup,
    orders: extras.orders,
    log: extras.log,
  };
}

function devicesOf(what: string, book: Book, till: TillCodes): Mac[] {
  const mac = parseMac(what) ?? till.find(what) ?? book.get(what)?.mac;
  return mac ? [mac] : [...new Set(book.runningOfUser(what).map((session) => session.mac))];
}

function newestDone(
  sessions: Iterable<Session>,
  of: { readonly mac?: Mac; readonly user?: string },
): Session | undefined {
  let newest: Session | undefined;
  for (const session of sessions) {
    if (!isDone(session)) continue;
    const match = of.mac === undefined ? session.user === of.user : session.mac === of.mac;
    if (match && (session.closedAt ?? 0) >= (newest?.closedAt ?? 0)) newest = session;
  }
  return newest;
}

function countByState(sessions: Iterable<Session>): View {
  const counts = { pending: 0, active: 0, suspended: 0, closing: 0, expired: 0, terminated: 0 };
  for (const session of sessions) counts[session.state] += 1;
  return counts;
}

function viewBackstop(report: Engine['kernel']): View {
  if (!report) return { state: 'off' };
  const { state, error, mended, connections, difference } = report;
  const apart = { difference_bytes: difference.bytes, difference_ratio: difference.share };
  return { state, error, mended, ...(connections && { connections }), ...apart };
}

function viewGateway(gateway: Engine['gateways'][number]): View {
  return {
    name: gateway.name,
    state: gateway.state,
    clients: gateway.clients,
    last_poll_ms: Math.round(gateway.lastPollMs),
    polls: gateway.polls,
    failed_polls: gateway.failedPolls,
    partial_polls: gateway.partialPolls,
    lag: gateway.lag,
    restarts: gateway.restarts,
    double_macs: gateway.doubles,
    gates_failing: gateway.gatesFailing,
    error: gateway.error,
  };
}
