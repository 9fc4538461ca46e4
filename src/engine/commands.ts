import { freeMethod } from '../domain/free-uses.js';
import { lotOf } from '../domain/lot.js';
import { formatAmount, type Money } from '../domain/money.js';
import { refuse } from '../domain/refuse.js';
import type { Cause, Session } from '../domain/session.js';
import type { Bytes, Millis } from '../domain/units.js';
import type { PaymentMethod } from '../ports/payment-method.js';
import type { Refusal, Result } from '../ports/result.js';
import type { DepositDesk } from './deposits/desk.js';
import { digestOf } from './digest.js';
import type { Engine } from './engine.js';
import { freeDraft } from './free.js';
import type { Logins } from './logins.js';
import { keyConflict } from './once.js';
import { patienceMs } from './patience.js';
import { lotOfGrant, type Order, type Quote, quote, sessionToTopUp } from './sales.js';
import type { Draft, Target, Till } from './till.js';

export interface Purchase extends Target, Omit<Order, 'plan'> {
  readonly key: string;
  /** Absent where a server decides what the customer gets. */
  readonly plan?: string;
  /** The payment method's name as `method`, and the arguments of that method. */
  readonly payment: Readonly<Record<string, unknown>> & { readonly method: string };
}

export interface Grant extends Target {
  readonly key: string;
  readonly plan?: string;
  readonly steps?: number;
  readonly bytes?: Bytes;
  readonly millis?: Millis;
  readonly reason: string;
}

/** A sale whose money was taken. */
interface Taken {
  readonly draft: Draft;
  /** Tells the payment method whether it was sold. */
  readonly settle?: (isSold: boolean) => Promise<void>;
}

/** Everything that callers may ask of the engine. A refusal changes nothing. */
export class Commands {
  readonly #engine: Engine;
  readonly #till: Till;
  readonly #logins: Logins;
  readonly #deposits: DepositDesk;

  constructor(engine: Engine, till: Till, logins: Logins, deposits: DepositDesk) {
    this.#engine = engine;
    this.#till = till;
    this.#logins = logins;
    this.#deposits = deposits;
  }

  quote(order: Order, method: string | undefined): Result<Quote> {
    const { offer } = this.#engine.settings;
    const found = this.#method(method);
    if (!found.ok || method !== undefined) return found.ok ? quote(offer, order, found.value) : found;
    // Nobody said how they pay: the first method that takes a currency of the plan.
    const quotes = [...offer.methods.values()].map((one) => quote(offer, order, one));
    return quotes.find(({ ok }) => ok) ?? quotes[0]!;
  }

  /** Takes the money, makes the sale durable and opens the gate; the session may still be pending. */
  purchase(purchase: Purchase): Promise<Result<Session>> {
    const { key, ...content } = purchase;
    const { method } = purchase.payment;
    if (this.#logins.takes(method)) return this.#login(purchase);
    if (method === freeMethod)
      return this.#sell(key, ['purchase', content], () => freeDraft(this.#engine, this.#till, purchase));
    const isBegun = this.#deposits.hasBegun(key, digestOf(['purchase', content]));
    if (isBegun || this.#deposits.backend(method)) return this.#deposit(purchase);
    return this.#sell(key, ['purchase', content], () => this.#buy(purchase));
  }

  async #login(purchase: Purchase): Promise<Result<Session>> {
    const login = this.#logins.prepare(purchase);
    if (!login.ok) return login;
    const { key, mac } = purchase;
    // The password is in no digest: those are in the journal.
    const content = ['login', mac, login.value.user];
    return this.#sell(key, content, () => this.#logins.enter(login.value, key)).finally(() => {
      this.#logins.leave(login.value);
    });
  }

  async #deposit(purchase: Purchase): Promise<Result<Session>> {
    const { key, ...content } = purchase;
    const result = await this.#keyed(key, ['purchase', content], async (digest) => {
      const sold = await (this.#deposits.again(key, digest) ?? this.#payIn(purchase, digest));
      return sold.ok ? { ok: true, value: [sold.value] } : sold;
    });
    return this.#theSession(result);
  }

  async #payIn(purchase: Purchase, digest: string): Promise<Result<Session>> {
    const quoted = await this.#priced(purchase);
    return quoted.ok ? this.#deposits.buy(purchase, quoted.value, digest) : quoted;
  }

  /** Takes a customer's further signature for what they have paid in, and adds the units that it is for. */
  async sign(id: string, given: Readonly<Record<string, unknown>>, key: string): Promise<Result<Session>> {
    return this.#sell(key, ['sign', id, given], async () => {
      const session = this.#engine.accounts.upToDate(id);
      if (!session) return refuse('unknown_session', 'there is no such session');
      const draft = await this.#deposits.sign(session, given, key);
      return draft.ok ? draft.value : draft;
    });
  }

  /** Adds a free allotment. */
  grant(grant: Grant): Promise<Result<Session>> {
    const { key, ...content } = grant;
    return this.#sell(key, ['grant', content], () => this.#give(grant));
  }

  /** Ends a session; its refund is in the answer when the gate is shut by then. */
  async close(id: string, cause: Cause): Promise<Session | undefined> {
    const session = this.#engine.accounts.book.get(id);
    if (!session) return undefined;
    await this.#engine.end(id, cause);
    await this.#engine.atRest(session, patienceMs);
    return this.#engine.accounts.upToDate(id);
  }

  /** Ends every session of a user, as when their PC logs out. */
  async logout(user: string, key?: string, cause: Cause = 'pc-logout'): Promise<Result<readonly Session[]>> {
    const act = async (digest: string): Promise<Result<readonly Session[]>> => {
      const { accounts } = this.#engine;
      const ids = accounts.book.runningOfUser(user).map((s) => s.id);
      if (key !== undefined) accounts.noteLogout(key, digest, ids, cause);
      await Promise.all(ids.map((id) => this.close(id, cause)));
      return { ok: true, value: ids.map((id) => accounts.upToDate(id)!) };
    };
    const content = ['logout', user, ...(cause === 'pc-logout' ? [] : [cause])];
    return key === undefined ? act('') : this.#keyed(key, content, act);
  }

  async #buy(purchase: Purchase): Promise<Draft | Taken | Refusal> {
    const quoted = await this.#priced(purchase);
    if (!quoted.ok) return quoted;
    const { plan, steps, price, method } = quoted.value;
    if (!method.charge) return refuse('unknown_method', `there is no payment method '${method.name}'`);
    const sale = { at: this.#engine.clock.wall(), key: purchase.key };
    const draft = (reference: string) =>
      this.#till.draft(
        purchase,
        lotOf(plan, steps, { method: method.name, reference, paid: price }, sale),
        true,
      );
    // Every obstacle to the sale is looked for before money is taken.
    const possible = draft('');
    if (!('session' in possible)) return possible;
    const { payment, key, mac, user } = purchase;
    const buyer = { key, mac, ...(user !== undefined && { user }) };
    const receipt = await method.charge({ price, steps, payment, ...buyer });
    if (!receipt.ok) return receipt;
    const { reference } = receipt.value;
    return {
      draft: () => draft(reference),
      settle: async (isSold) => method.settle?.(reference, isSold),
    };
  }

  async #priced(purchase: Purchase): Promise<Result<Quote & { readonly method: PaymentMethod }>> {
    const method = this.#method(purchase.payment.method);
    if (!method.ok) return method;
    const { plan, payment } = purchase;
    if (plan === undefined) return refuse('bad_argument', 'plan is missing');
    const worth = await method.value.appraise?.(payment);
    if (worth && !worth.ok) return worth;
    const order = { ...purchase, plan, ...(worth && byWorth(purchase, worth.value)) };
    const quoted = quote(this.#engine.settings.offer, order, method.value);
    return quoted.ok ? { ok: true, value: { ...quoted.value, method: method.value } } : quoted;
  }

  #give(grant: Grant): Draft {
    const { accounts, settings, clock } = this.#engine;
    return () => {
      const lot = lotOfGrant(settings.offer, grant, sessionToTopUp(accounts, grant), {
        at: clock.wall(),
        key: grant.key,
      });
      return lot.ok ? this.#till.draft(grant, lot.value, grant.plan !== undefined) : lot;
    };
  }

  /** Sells under an idempotency key: decide, commit, act. */
  async #sell(
    key: string,
    content: unknown,
    decide: () => Draft | Refusal | Promise<Draft | Taken | Refusal>,
  ): Promise<Result<Session>> {
    const result = await this.#keyed(key, content, async (digest) => {
      const decided = await decide();
      if (typeof decided !== 'function' && !('draft' in decided)) return decided;
      const { draft, settle } = typeof decided === 'function' ? { draft: decided } : decided;
      const sale = await this.#till.commit(draft, key, digest);
      await settle?.('session' in sale);
      if (!('session' in sale)) return sale;
      await this.#till.deliver(sale);
      return { ok: true, value: [sale.session] };
    });
    return this.#theSession(result);
  }

  #theSession(result: Result<readonly Session[]>): Result<Session> {
    if (!result.ok) return result;
    const session = this.#engine.accounts.upToDate(result.value[0]?.id ?? '');
    return session
      ? { ok: true, value: session }
      : refuse('forgotten', 'this idempotency_key was used for a session that is not kept any more');
  }

  async #keyed(
    key: string,
    content: unknown,
    act: (digest: string) => Promise<Result<readonly Session[]>>,
  ): Promise<Result<readonly Session[]>> {
    const digest = digestOf(content);
    const { keys } = this.#engine.accounts.book;
    const used = keys.get(key);
    // At once, so that a repeat of the rightful request does not find the key taken by this one.
    if (used && used.digest !== digest) return keyConflict;
    // A repeat waits for the first request, whose sale is in the books before it is on the disk.
    const result = this.#till.once<Result<readonly Session[]>>(key, digest, async () => {
      const known = keys.get(key);
      if (!known)
        return this.#engine.accounts.book.deposits.isOrdered(key, digest) ? keyConflict : act(digest);
      return { ok: true, value: known.sessions.flatMap((id) => this.#engine.accounts.upToDate(id) ?? []) };
    });
    return result ?? keyConflict;
  }

  #method(name: string | undefined): Result<PaymentMethod> {
    const { methods } = this.#engine.settings.offer;
    const method = name === undefined ? methods.values().next().value : methods.get(name);
    return method
      ? { ok: true, value: method }
      : refuse('unknown_method', `there is no payment method '${name ?? ''}'`);
  }
}

/** As many steps as a payment pays for, where none are named; priced in its own currency. */
function byWorth({ steps }: Purchase, worth: Money): Pick<Order, 'amount' | 'currency'> {
  return { currency: worth.currency, ...(steps === undefined && { amount: formatAmount(worth) }) };
}
