// Runs a script on the real daemon and on the reference beside it, and compares them after every operation.
import * as assert from 'uvu/assert';
import type { Mac } from '../../src/domain/mac.js';
import type { Allotment } from '../../src/domain/plan.js';
import type { Session as RealSession } from '../../src/domain/session.js';
import { voucherId, voucherState } from '../../src/domain/voucher.js';
import { seeded } from '../rig/random.js';
import { observe, type Seen, type Span } from './observation.js';
import { offers, textOf } from './offers.js';
import { devices, type Operation } from './operations.js';
import { Orders } from './orders.js';
import { quieten } from './quiet.js';
import { Reference, type Session } from './reference.js';
import { Router } from './router.js';
import { Sink } from './sink.js';
import type { Limits } from './terms.js';
import { Traffic } from './traffic.js';

export type Place = 'lan' | 'guest';
export const places: readonly Place[] = ['lan', 'guest'];
/** After a fault or a coming and going, what the daemon knows may be old for this long, in ms. */
const unrestMs = 20_000;

/** A voucher as the router tells of it. */
export interface SeenVoucher {
  readonly id: string;
  readonly state: string;
  readonly session: string | undefined;
  readonly redeemed: number;
  readonly void: boolean;
  readonly remaining: Limits;
}

export const macOf = (who: number) => `02:00:00:00:00:0${who}` as Mac;

export class Model {
  readonly router: Router;
  readonly reference: Reference;
  readonly traffic: Traffic;
  readonly orders: Orders;
  readonly sinks = [new Sink('keen'), new Sink('lazy')] as const;
  readonly #random;
  /** Monotonic time of the last look, and of the last thing that may take a while to be noticed. */
  #looked = 0;
  #unrest = 0;
  #death: { off: number; power: boolean; undone: boolean; lived: number } | undefined;
  #off = { ms: 0, busy: 0 };
  #steps = 0;

  constructor(seed: number) {
    this.#random = seeded(seed);
    this.router = new Router(textOf(offers[0]!), this.#random);
    this.reference = new Reference(offers[0]!);
    this.traffic = new Traffic(this);
    this.orders = new Orders(this);
  }

  async begin(): Promise<void> {
    await this.router.start();
    for (let who = 1; who < devices; who++) this.traffic.join(who, who % 2 === 0 ? 'guest' : 'lan');
    await this.router.pass(2_000);
    this.look();
  }

  /** One operation, and the comparison after it. */
  async run(operation: Operation): Promise<void> {
    this.#steps += 1;
    await this.#do(operation);
    while (this.router.isDead) await this.#revive();
    this.look();
    if (operation.do === 'quiet') await quieten(this);
  }

  /** The disk fails, or did since the last look. */
  get isDiskTroubled(): boolean {
    const { fault, disk } = this.router;
    return fault !== undefined || disk.room < 100_000;
  }

  isConfigured(place: Place): boolean {
    return this.reference.offer.gateways.some(({ name }) => name === place);
  }

  /** Somebody came or went, or something was wrong with a portal, a short time ago. */
  get isRestless(): boolean {
    return this.#unrest + unrestMs >= this.router.clock.now;
  }

  /** All vouchers, by their numbers. */
  vouchers(): SeenVoucher[] {
    const { service, clock } = this.router;
    return [...service.vouchers.list(undefined)].map((voucher) => {
      const { session, redeemed, remaining, void: isVoid } = voucher;
      const state = voucherState(voucher, clock.wall());
      return {
        id: voucherId(voucher),
        state,
        session,
        redeemed,
        void: isVoid,
        remaining: limitsOf(remaining),
      };
    });
  }

  /** Heals disk and portals. */
  heal(): void {
    this.router.fault = undefined;
    this.router.disk.room = Number.POSITIVE_INFINITY;
    for (const place of places) {
      const gatehouse = this.router.gatehouses[place];
      gatehouse.mood = 'well';
      gatehouse.sim.refuseAuth = gatehouse.sim.refuseDeauth = false;
    }
    this.#unrest = this.router.clock.now;
  }

  /** What the books say of all sessions. */
  seen(): Seen[] {
    const { service } = this.router;
    return [...service.sessions()].map(({ id }) => seenOf(service.session(id)!));
  }

  /** Compares the books with the reference. */
  look(): void {
    const { now } = this.router.clock;
    this.sinks[0].read(this.router.store, true);
    if (this.#steps % 40 === 0) this.sinks[1].read(this.router.store, this.#steps % 80 === 0);
    this.traffic.note();
    if (places.some((place) => this.router.gatehouses[place].mood !== 'well')) this.#unrest = now;
    const death = this.#death;
    const durable = new Map([...this.sinks[0].stories].map(([id, { used }]) => [id, used]));
    const lived = death ? death.lived : now - this.#looked;
    const calm = this.#unrest + unrestMs < now - lived;
    const span: Span = { now, ms: lived, calm, death: death && { ...death, durable } };
    if (death) this.traffic.died(durable);
    const all = this.seen();
    this.orders.settle(all, span);
    this.traffic.clear();
    for (const { id, gateway } of all) {
      const session = this.reference.sessions.get(id);
      // A session follows its device; what a portal had counted by then and not told is in no book.
      if (session && session.gateway !== gateway && this.isRestless)
        this.traffic.left(session, session.gateway as Place);
    }
    for (const one of all) observe(this.reference, one, span);
    assert.is(all.length, this.reference.sessions.size, 'sessions that are kept');
    this.orders.checkVouchers(death?.undone === true);
    this.#looked = now;
    this.#death = undefined;
  }

  /** Compares some sessions only, before an order changes others. */
  lookAt(sessions: readonly Session[]): void {
    const { now } = this.router.clock;
    const span: Span = { now, ms: now - this.#looked, calm: false, death: undefined };
    for (const { id } of sessions) {
      observe(this.reference, seenOf(this.router.service.session(id)!), span);
    }
  }

  stir(): void {
    this.#unrest = this.router.clock.now;
  }

  async #do(operation: Operation): Promise<void> {
    const { router, traffic } = this;
    switch (operation.do) {
      case 'carry':
        return traffic.carry(operation.who, operation.up, operation.down);
      case 'pass':
        return router.pass(operation.ms);
      case 'join':
        traffic.join(operation.who, operation.at);
        return this.stir();
      case 'leave':
        traffic.leave(operation.who);
        return this.stir();
      case 'mood':
        router.gatehouses[operation.at].mood = operation.mood;
        return this.stir();
      case 'restart':
        traffic.restart(operation.at, operation.inOrder);
        return this.stir();
      case 'disk':
        router.fault = operation.fault && { ...operation.fault };
        router.disk.room = operation.room ?? Number.POSITIVE_INFINITY;
        return;
      case 'kill':
        this.#off = { ms: operation.off, busy: operation.busy };
        return router.kill(operation.how, operation.calls);
      case 'quiet':
        return router.disarm();
      case 'reload':
        this.stir();
        return this.orders.reload(operation);
      default:
        return this.orders.place(operation);
    }
  }

  /** The daemon is started again, while customers go on as the portals let them. */
  async #revive(): Promise<void> {
    const { router } = this;
    const { ms, busy } = this.#off;
    const before = this.#death;
    this.#death = {
      off: (before?.off ?? 0) + ms,
      power: router.lastDeath === 'power' || before?.power === true,
      undone: router.wasIncomplete || before?.undone === true,
      lived: before?.lived ?? router.clock.now - this.#looked,
    };
    for (const place of places) {
      // A restart of which the journal has no later record may have been while nobody was there.
      const gatehouse = router.gatehouses[place];
      if (gatehouse.started >= router.engine.accounts.book.at)
        gatehouse.isUnseen = gatehouse.sim.dialect.remembers;
    }
    if (router.lastDeath === 'power') for (const place of places) this.traffic.allBegan(place);
    for (let who = 1; who <= devices && ms > 0; who++) this.traffic.carry(who, busy, busy);
    router.skip(ms);
    const began = router.clock.now;
    this.stir();
    await router.start();
    this.#death.lived += router.clock.now - began;
  }
}

function seenOf(s: RealSession): Seen {
  const { up, down, millis, age } = s.usage;
  const { id, mac, gateway, user, state, cause } = s;
  const refunds = s.refunds.map(({ money }) => ({ currency: money.currency, cents: money.amount }));
  const granted = limitsOf(s.granted);
  const rest = { refunds, opened: s.openedAt !== undefined, lots: s.lots.length };
  const newest = s.lots.at(-1)?.funding.reference ?? '';
  return { id, mac, gateway, user, state, cause, granted, used: { up, down, millis, age }, newest, ...rest };
}

function limitsOf({ bytes, upBytes, downBytes, millis, validity }: Allotment): Limits {
  const limits = { bytes, up: upBytes, down: downBytes, millis, valid: validity };
  return Object.fromEntries(Object.entries(limits).filter(([, n]) => n !== undefined));
}
