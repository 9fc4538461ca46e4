import { formatAmount, type Money, moneyOf, plainMoney } from '../domain/money.js';
import { isFor, type NewPayOrder, type PayOrder, saleKey, voucherKey } from '../domain/pay-order.js';
import { refuse } from '../domain/refuse.js';
import { idLetters } from '../domain/session-id.js';
import type { Log } from '../ports/log.js';
import type { PaymentMethod } from '../ports/payment-method.js';
import type { Refusal, Result } from '../ports/result.js';
import type { Safe } from '../ports/safe.js';
import { Askers } from './askers.js';
import { billedBy, numberOf } from './billed.js';
import type { Commands } from './commands.js';
import type { Engine } from './engine.js';
import { type HubWord, readWord, servedOrBusy } from './hub-word.js';
import { once } from './once.js';
import { PayOrders } from './pay-orders.js';
import { type Hook, PaymentWindow } from './payment-window.js';
import { planOf } from './sales.js';
import type { VoucherDesk } from './vouchers.js';

/** An order is shown as payable for this long; money that comes within a day is taken all the same, in ms. */
const payableMs = 3_600_000;
/** Orders of one device that are shown as payable. */
const mostOfDevice = 5;

/** Takes orders that are paid elsewhere, and serves them when a provider says that they are. */
export class OrderDesk {
  hooks: readonly Hook[] = [];
  readonly #engine: Engine;
  readonly #commands: Commands;
  readonly #vouchers: VoucherDesk;
  readonly #random: (bytes: number) => Uint8Array;
  readonly #log: Log;
  readonly #window: PaymentWindow;
  readonly #orders: PayOrders;
  /** New orders of a hook are made one after another: the limits hold for those that come at once, too. */
  readonly #making = new Map<string, Promise<unknown>>();
  readonly #askers: Askers;
  readonly #serving = once();
  /** References of payments that are being written down. */
  readonly #noting = new Map<string, string>();

  constructor(
    engine: Engine,
    desks: { readonly commands: Commands; readonly vouchers: VoucherDesk },
    safe: Safe,
    random: (bytes: number) => Uint8Array,
    log: Log,
  ) {
    this.#engine = engine;
    this.#commands = desks.commands;
    this.#vouchers = desks.vouchers;
    this.#random = random;
    this.#log = log;
    this.#window = new PaymentWindow(engine, desks.commands, log);
    this.#orders = new PayOrders(safe, log);
    this.#askers = new Askers(engine);
  }

  /** Payment methods by which orders are priced and sold: they take what {@link confirm} says is paid. */
  get methods(): PaymentMethod[] {
    return this.hooks.map((hook) => ({
      ...{ name: hook.name, currencies: hook.currencies },
      get isReady() {
        return hook.isReady ?? true;
      },
      charge: async ({ price, payment, key }) => {
        const order = this.#orders.get(String(payment.order));
        if (order?.state !== 'paid' || order.hook !== hook.name || key !== saleKey(order)) {
          return refuse('bad_payment', 'an order is made, and its provider says when it is paid');
        }
        const isPrice = formatAmount(price) === formatAmount(moneyOf(order.price));
        if (!isPrice || price.currency !== order.price.currency) {
          return refuse('price_differs', 'the price has changed since the order');
        }
        return { ok: true, value: { reference: order.reference || order.id } };
      },
    }));
  }

  /** Why no order can be read now: of none can be said that there is no such order. */
  get unread(): Refusal | undefined {
    return this.#orders.unread;
  }

  /** The order as it stands. Whoever asks for it is taken to be there. */
  get(id: string): PayOrder | undefined {
    const order = this.#orders.get(id);
    if (order) this.#askers.note(id);
    return order;
  }

  /** Makes an order; the same one again while it is open. Opens a window for it where the hook has one. */
  async create(wanted: NewPayOrder): Promise<Result<PayOrder>> {
    const hook = this.hooks.find(({ name }) => name === wanted.hook);
    if (!hook) return refuse('unknown_method', `there is no hook '${wanted.hook}'`);
    const before = this.#making.get(hook.name) ?? Promise.resolve();
    const making = before.then(() => this.#make(hook, wanted));
    this.#making.set(
      hook.name,
      making.catch(() => {}),
    );
    const made = await making;
    if (!made.ok) return made;
    const { order, isNew } = made.value;
    if (isNew && order.hasWindow) await this.#window.open(hook, order);
    return { ok: true, value: this.get(order.id) ?? order };
  }

  async #make(hook: Hook, wanted: NewPayOrder): Promise<Result<{ order: PayOrder; isNew: boolean }>> {
    const quoted = this.#commands.quote(wanted, hook.name);
    if (!quoted.ok) return quoted;
    const { plan, steps, price } = quoted.value;
    const now = this.#engine.clock.wall();
    for (const id of await this.#orders.clear(now)) this.#askers.forget(id);
    const own = this.#orders.all.filter(
      ({ mac, state, until }) => mac === wanted.mac && state === 'open' && until > now,
    );
    const all = { hook: hook.name, plan: plan.id, steps, price };
    const same = own.find((one) => isFor(one, all) && one.number === numberOf(hook, one.id));
    if (same) return { ok: true, value: { order: same, isNew: false } };
    if (own.length >= mostOfDevice || this.#orders.isFull) {
      return refuse(
        'too_many_orders',
        'too many orders wait to be paid: pay one of them, or try again later',
      );
    }
    const hasWindow = this.#window.mayOpen(hook, wanted.mac, this.#orders.all, now);
    const { mac, gateway } = wanted;
    const order: PayOrder = {
      ...{ id: this.#newId(), hook: hook.name, state: 'open', mac, plan: plan.id, steps, hasWindow },
      ...{ price: plainMoney(price), at: now, until: now + payableMs, vouchers: 0 },
      ...(gateway !== undefined && { gateway }),
    };
    const billed = await billedBy(hook, order);
    if (!billed.ok) return billed;
    return (
      (await this.#orders.put(billed.value)) ?? { ok: true, value: { order: billed.value, isNew: true } }
    );
  }

  /** A provider says that an order is paid. A repeat changes nothing. */
  async confirm(
    hook: string,
    {
      order: id,
      money,
      reference,
    }: { readonly order: string; readonly money: Money; readonly reference: string },
  ): Promise<Result<PayOrder>> {
    const order = this.#orders.get(id);
    if (order?.hook !== hook) return this.#amiss(hook, 'unknown_order', `there is no order '${id}'`);
    const due = moneyOf(order.price);
    if (money.currency !== due.currency || formatAmount(money) !== formatAmount(due)) {
      const is = `${formatAmount(money)} ${money.currency}`;
      return this.#amiss(
        hook,
        'price_differs',
        `order ${id} costs ${formatAmount(due)} ${due.currency}, not ${is}`,
      );
    }
    const noted = this.#noting.get(id) ?? order.reference;
    if (order.state === 'open' && noted === undefined) {
      this.#noting.set(id, reference);
      const refused = await this.#orders.put({ ...order, state: 'paid', reference });
      this.#noting.delete(id);
      if (refused) return refused;
    } else if (noted !== reference) {
      this.#log('warn', `hook ${hook}: order ${id} was paid twice: ${noted}, and now ${reference}`);
    }
    await this.#serve(id);
    return { ok: true, value: this.#orders.get(id)! };
  }

  /** A hub says so, of a hook whose messages it takes. What is not served yet it is to say again. */
  async told(word: HubWord): Promise<Result<PayOrder>> {
    const read = readWord(this.hooks, word);
    return read.ok ? servedOrBusy(await this.confirm(word.hook, read.value)) : read;
  }

  /** Serves what was paid before the last end, and could not be served then. */
  async resume(): Promise<void> {
    for (const { id, state } of this.#orders.all) if (state === 'paid') await this.#serve(id);
  }

  async #serve(id: string): Promise<void> {
    await this.#serving(id, '', async () => {
      const order = this.#orders.get(id)!;
      if (order.state !== 'paid') return;
      await this.#window.close(order);
      // The word that it was sold may have been lost; the customer may be gone again since.
      const before = this.#engine.accounts.book.keys.get(saleKey(order))?.sessions[0];
      if (before !== undefined)
        return void (await this.#orders.put({ ...order, state: 'sold', session: before }));
      const sold = this.#askers.isHere(order) ? await this.#sell(order) : undefined;
      if (sold?.ok) return void (await this.#orders.put({ ...order, state: 'sold', session: sold.value }));
      // A stop or a full disk is over some day: the next start, or the provider, tries again.
      if (sold && /^(?:storage_|busy|stopping)/.test(sold.code)) return;
      this.#log('info', `order ${id} becomes a voucher: ${sold?.message ?? 'the customer is gone'}`);
      const refused = await this.#makeVoucher(order);
      if (refused) this.#log('error', `order ${id} is paid and cannot be served: ${refused.message}`);
    });
  }

  async #sell(order: PayOrder): Promise<Result<string>> {
    const { id, mac, plan, steps, hook, price, gateway } = order;
    const payment = { method: hook, order: id, currency: price.currency };
    const place = gateway !== undefined && this.#engine.hasGateway(gateway) ? { gateway } : {};
    const purchase = { mac, plan, steps, payment, key: saleKey(order), currency: price.currency, ...place };
    const sold = await this.#commands.purchase(purchase);
    return sold.ok ? { ok: true, value: sold.value.id } : sold;
  }

  /** Of a voucher whose code a crash has lost nobody knows the code: it is made void, and another one is made. */
  async #makeVoucher(order: PayOrder): Promise<Refusal | undefined> {
    const offered = planOf(this.#engine.settings.offer, order.plan);
    // It is tried again and again: nothing is written for that.
    if (!offered.ok) return offered;
    const { keys } = this.#engine.accounts.book;
    const lost = keys.get(voucherKey(order))?.sessions[0];
    if (lost !== undefined) await this.#vouchers.cancel(lost, undefined);
    const begun = { ...order, vouchers: order.vouchers + 1 };
    if (await this.#orders.put(begun)) return undefined;
    const key = voucherKey(begun);
    const { plan, steps } = order;
    const paid = moneyOf(order.price);
    const made = await this.#vouchers.create({ plan, steps, count: 1, reuse: true, paid, key });
    if (!made.ok) return made;
    await this.#orders.put({ ...begun, state: 'voucher', code: made.value.codes[0]! });
    return undefined;
  }

  #amiss(hook: string, code: string, message: string): Refusal {
    const { unread } = this;
    this.#log('error', `hook ${hook}: money came that fits no order: ${unread?.message ?? message}`);
    return unread ?? refuse(code, message);
  }

  #newId(): string {
    return [...this.#random(20)].map((byte) => idLetters[byte & 31]).join('');
  }
}
