// Places orders as a till, a page or an owner does, and holds the answers against the reference.
import * as assert from 'uvu/assert';
import type { View } from '../../src/api/view.js';
import type { Mac } from '../../src/domain/mac.js';
import { type Model, macOf, type Place, places } from './model.js';
import type { Seen, Span } from './observation.js';
import { offers, textOf } from './offers.js';
import type { Operation } from './operations.js';
import { isUsable, type Sale, type Session, type Target, type Verdict } from './reference.js';
import { authorizedBytes, password } from './server.js';
import type { Limits } from './terms.js';
import { Vouchers } from './vouchers.js';

type Of<D extends Operation['do']> = Operation & { readonly do: D };

/** An order that was answered, as it can be repeated. */
interface Placed {
  readonly method: string;
  readonly args: Record<string, unknown>;
  readonly id: string;
}

const seconds = (limits: Limits) => ({
  ...(limits.bytes !== undefined && { bytes: limits.bytes }),
  ...(limits.millis !== undefined && { seconds: limits.millis / 1000 }),
});

export class Orders {
  readonly #model: Model;
  readonly #vouchers: Vouchers;
  readonly #placed: Placed[] = [];
  /** A sale whose order was not answered, because the daemon died. */
  #unsure: Sale | undefined;
  /** Sales that the disk refused: a power cut before it takes anything again may bring them back. */
  #refusedSales: Sale[] = [];
  #keys = 0;

  constructor(model: Model) {
    this.#model = model;
    this.#vouchers = new Vouchers(model);
  }

  place(operation: Operation): Promise<void> {
    switch (operation.do) {
      case 'buy':
        return this.#buy(operation);
      case 'grant':
        return this.#grant(operation);
      case 'login':
        return this.#login(operation);
      case 'repeat':
        return this.#repeat(operation);
      case 'close':
        return this.#close(operation);
      case 'logout':
        return this.#logout(operation);
      case 'print':
        return this.#vouchers.print(operation, this.#key());
      case 'void':
        return this.#vouchers.cancel(operation);
      case 'redeem':
        return this.#redeem(operation);
      default:
        throw new Error(`no order: ${operation.do}`);
    }
  }

  /** A configuration with a fault changes nothing. */
  async reload({ offer, faulty }: Of<'reload'>): Promise<void> {
    const { router, reference } = this.#model;
    const next = offers[offer]!;
    router.text = faulty ? `${textOf(next)}config plan 'no metric'\n` : textOf(next);
    const dropped = places.filter((one) => !next.gateways.some(({ name }) => name === one));
    const reply = await router.call('reload', {});
    for (const one of faulty ? [] : dropped) {
      // A portal that is let go of while it does not answer tells nobody what it has counted.
      const isDeaf = router.isDead || router.gatehouses[one].mood !== 'well';
      for (const session of isDeaf ? reference.running() : []) this.#model.traffic.left(session, one);
    }
    // The next run, if this one is dead, begins with what it finds.
    if (faulty) router.text = textOf(reference.offer);
    else reference.offer = next;
    if (reply) assert.is(reply.applied, !faulty, 'reload');
  }

  /** After a crash: what was not answered was done wholly or not at all. */
  settle(all: readonly Seen[], span: Span): void {
    const doubtful = [this.#unsure, ...(span.death?.power ? this.#refusedSales : [])];
    this.#unsure = undefined;
    if (!span.death) return;
    this.#refusedSales = [];
    for (const sale of doubtful) {
      const made = sale && all.find((one) => this.#isMade(sale, one));
      if (made) this.#model.traffic.claim(this.#sold(sale, made.id, made.gateway));
    }
    this.#vouchers.settle(span.death.power);
  }

  /** All that was refused is on the disk as refused. */
  diskIsWell(): void {
    this.#refusedSales = [];
    this.#vouchers.diskIsWell();
  }

  #isMade({ target, lot, into }: Sale, { id, mac, newest, lots }: Seen): boolean {
    const known = this.#model.reference.sessions.get(id);
    const isNew = !known && mac === target.mac;
    return newest === lot.reference && (isNew || (known === into && lots > (known?.lots.length ?? 0)));
  }

  checkVouchers(isUndone: boolean): void {
    this.#vouchers.check(isUndone);
  }

  async #buy({ who, plan, steps, user, at, currency, twice }: Of<'buy'>): Promise<void> {
    const target = { mac: macOf(who), user, gateway: at };
    const key = this.#key();
    const payment = { method: 'cash', reference: key, ...(currency && { currency }) };
    const args = { ...argsOf(target), plan, steps, payment, idempotency_key: key };
    const verdict = this.#model.reference.purchase(target, {
      plan,
      steps,
      reference: key,
      ...(currency && { currency }),
    });
    await this.#sell('purchase', args, verdict, twice);
  }

  async #grant({ who, plan, steps, bytes, seconds: time, user, at }: Of<'grant'>): Promise<void> {
    const target = { mac: macOf(who), user, gateway: at };
    const key = this.#key();
    const limits = { ...(bytes && { bytes }), ...(time && { millis: time * 1000 }) };
    const what = plan === undefined ? seconds(limits) : { plan, steps };
    const args = { ...argsOf(target), ...what, reason: key, idempotency_key: key };
    const order = { steps, limits, reason: key, ...(plan !== undefined && { plan }) };
    await this.#sell('grant', args, this.#model.reference.grant(target, order), false);
  }

  async #login({ who, user, knows }: Of<'login'>): Promise<void> {
    const target = { mac: macOf(who), user };
    const payment = { method: 'radius', user, password: knows ? password : 'wrong' };
    const args = { mac: target.mac, payment, idempotency_key: this.#key() };
    await this.#sell('purchase', args, this.#model.reference.login(target, knows, authorizedBytes), false);
  }

  async #redeem({ who, voucher, user }: Of<'redeem'>): Promise<void> {
    const known = this.#vouchers.pick(voucher);
    if (!known) return;
    const target = { mac: macOf(who), user };
    const verdict = this.#model.reference.redeem(known.voucher, target, this.#model.router.clock.wall());
    await this.#sell('voucher_redeem', { code: known.code, ...argsOf(target) }, verdict, false);
  }

  /** Places an order for a session, once or twice at the same time, and takes its answer into the reference. */
  async #sell(
    method: string,
    args: Record<string, unknown>,
    verdict: Verdict,
    twice: boolean,
  ): Promise<void> {
    const { router } = this.#model;
    const { sale, from, same } = verdict;
    // A device gives its session or its voucher away before the other one has it.
    const before = [...(from ? [from] : []), ...(method === 'purchase' ? (sale?.rivals ?? []) : [])];
    if (verdict.refusals.size === 0) for (const one of before) one.ordered.add('conflict');
    const first = router.call(method, args);
    const replies = await Promise.all(twice ? [first, router.call(method, args)] : [first]);
    if (verdict.refusals.size === 0) this.#unsure = sale;
    if (router.isDead && replies.some((reply) => !reply)) return;
    const [reply] = replies as View[];
    this.#unsure = undefined;
    if (twice) assert.equal(replies[1], reply, `${method} twice at the same time`);
    const code = (reply!.error as { code?: string } | undefined)?.code;
    if (code?.startsWith('storage_') && sale) this.#refusedSales.push(sale);
    if (code !== undefined) return this.#refused(code, method, args, verdict);
    assert.equal([...verdict.refusals], [], `${method} ${JSON.stringify(args)} is not refused`);
    const { id, gateway } = reply as { id: string; gateway: string };
    if (same) return assert.is(id, same.id, 'the same device again has the same answer');
    if (from && !router.isDead) {
      this.#model.lookAt([from]);
      Object.assign(sale!.lot, { limits: sale!.voucher!.remaining });
    }
    this.#sold(sale!, id, gateway);
    if (method !== 'voucher_redeem') this.#placed.push({ method, args, id });
    for (const rival of router.isDead ? [] : sale!.rivals) {
      assert.not(
        isUsable(router.service.session(rival.id)!),
        `${rival.id} stands in the way of ${id}, and goes on`,
      );
    }
  }

  #refused(code: string, method: string, args: object, { refusals, sale, from }: Verdict): void {
    const isUnsaid = sale?.target.gateway === undefined && sale?.into === undefined;
    const isAllowed =
      refusals.has(code) ||
      (code.startsWith('storage_') && this.#model.isDiskTroubled) ||
      (code === 'gateway_needed' && isUnsaid) ||
      (code === 'voucher_busy' && from !== undefined) ||
      (code === 'voucher_spent' && from !== undefined) ||
      (code === 'busy' && sale?.lot.method === 'radius') ||
      (code === 'too_many_attempts' && sale?.lot.method === 'radius');
    assert.ok(isAllowed, `${method} ${JSON.stringify(args)}: ${code}, not ${[...refusals]}`);
  }

  #sold(sale: Sale, id: string, gateway: string): Session {
    const { reference, router } = this.#model;
    const isNew = !reference.sessions.has(id);
    if (sale.into && !isNew) assert.is(id, sale.into.id, 'a top-up adds to the running session');
    const into = isNew ? undefined : sale.into;
    if (isNew)
      assert.ok(
        reference.offer.gateways.some(({ name }) => name === gateway),
        `sold at ${gateway}`,
      );
    const { gateway: named, mac } = sale.target;
    // A session follows its device to the portal that lists it.
    const isThere = router.gatehouses[gateway as Place].sim.knows(mac as Mac);
    assert.ok(
      !isNew || named === undefined || named === gateway || isThere,
      `sold at ${gateway}, not ${named}`,
    );
    return reference.sold({ ...sale, into }, id, gateway, router.clock.now);
  }

  /** The same key again has the same answer, with other content none. */
  async #repeat({ order, changed }: Of<'repeat'>): Promise<void> {
    const placed = this.#placed[this.#placed.length - 1 - order];
    if (!placed) return;
    const args = changed ? { ...placed.args, mac: '02:00:00:00:00:0f' } : placed.args;
    const reply = await this.#model.router.call(placed.method, args);
    if (!reply) return;
    const { code } = (reply.error ?? {}) as { code?: string };
    if (changed) assert.is(code, 'key_conflict', `${placed.method} with another content under its key`);
    else assert.is(reply.id, placed.id, `${placed.method} under the same key: ${code}`);
  }

  async #close({ who, reason }: Of<'close'>): Promise<void> {
    const { reference, router } = this.#model;
    const mine = reference.running((s) => s.mac === macOf(who));
    for (const session of mine) session.ordered.add(reason);
    const reply = await router.call('close', { mac: macOf(who), reason });
    if (!reply || mine.length === 0) return;
    const ended = reference.sessions.get(String(reply.id));
    assert.ok(ended && !isUsable(reply as never), `close: ${reply.state}`);
    for (const session of mine) if (session !== ended) session.ordered.delete(reason);
  }

  async #logout({ user, keyed }: Of<'logout'>): Promise<void> {
    const { reference, router } = this.#model;
    const all = reference.running((s) => s.user === user);
    for (const session of all) session.ordered.add('pc-logout');
    const args = { user, ...(keyed && { idempotency_key: this.#key() }) };
    const reply = await router.call('logout_user', args);
    if (!reply) return;
    const ids = (reply.sessions as { id: string }[]).map(({ id }) => id);
    assert.equal(ids.sort(), all.map(({ id }) => id).sort(), 'sessions of the user that were logged out');
    if (router.isDead) return;
    for (const { id } of all)
      assert.not(isUsable(router.service.session(id)!), `${id} goes on after the log-out`);
  }

  #key(): string {
    this.#keys += 1;
    return `k${this.#keys}`;
  }
}

function argsOf({ mac, user, gateway }: Target): Record<string, unknown> {
  return { mac, ...(user !== undefined && { user }), ...(gateway !== undefined && { gateway }) };
}
