import { createHash } from 'node:crypto';
import { type Lot, lotOf } from '../domain/lot.js';
import type { Mac } from '../domain/mac.js';
import type { Cause, Session } from '../domain/session.js';
import type { Bytes, Millis } from '../domain/units.js';
import type { Sale } from './accounts.js';
import type { Engine } from './engine.js';
import { once } from './once.js';
import { type PaymentMethod, type Refusal, type Result, refuse } from './ports.js';
import { lotOfGrant, misfit, type Order, type Quote, quote, rivals, sessionToTopUp, sold } from './sales.js';

/** Whom a command is about; `gateway` where the caller names one. */
interface Target {
  readonly mac: Mac;
  readonly user?: string;
  readonly gateway?: string;
}

export interface Purchase extends Target, Order {
  readonly key: string;
  /** `method`, and what the method asks for. */
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

/** How long a caller waits for a gate before he gets the session as it stands. LuCI hangs up after 20 s. */
const patienceMs = 3_000;
/** Session ids: 100 random bits, five to a letter; no clock is needed for them to be unique. */
const idLetters = 'abcdefghjkmnpqrstvwxyz0123456789';

/** Everything that callers may ask of the engine. A refusal changes nothing. */
export class Commands {
  readonly #engine: Engine;
  readonly #random: (bytes: number) => Uint8Array;
  readonly #once = once<Result<readonly Session[]>>();

  constructor(engine: Engine, random: (bytes: number) => Uint8Array) {
    this.#engine = engine;
    this.#random = random;
  }

  quote(order: Order, method: string | undefined): Result<Quote> {
    const found = this.#method(method);
    return found.ok ? quote(this.#engine.settings.offer, order, found.value) : found;
  }

  /** Takes the money, makes the sale durable and opens the gate; the session may still be pending. */
  purchase(purchase: Purchase): Promise<Result<Session>> {
    const { key, ...content } = purchase;
    return this.#sell(key, ['purchase', content], () => this.#buy(purchase));
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
    return this.#engine.accounts.settle(id);
  }

  /** Ends every session of a user, as when his PC logs out. */
  async logout(user: string, key: string | undefined): Promise<Result<readonly Session[]>> {
    const act = async (digest: string): Promise<Result<readonly Session[]>> => {
      const { accounts } = this.#engine;
      const ids = accounts.book.liveOfUser(user).map((s) => s.id);
      if (key !== undefined) accounts.noteLogout(key, digest, ids);
      await Promise.all(ids.map((id) => this.close(id, 'pc-logout')));
      return { ok: true, value: ids.map((id) => accounts.settle(id)!) };
    };
    return key === undefined ? act('') : this.#keyed(key, ['logout', user], act);
  }

  async #buy(purchase: Purchase): Promise<Draft | Refusal> {
    const method = this.#method(purchase.payment.method);
    if (!method.ok) return method;
    const quoted = quote(this.#engine.settings.offer, purchase, method.value);
    if (!quoted.ok) return quoted;
    const { plan, steps, price } = quoted.value;
    const sale = { at: this.#engine.clock.wall(), key: purchase.key };
    const draft = (reference: string) =>
      this.#draft(
        purchase,
        lotOf(plan, steps, { method: method.value.name, reference, paid: price }, sale),
        true,
      );
    // Whatever would stand in the way of the sale is found before money is taken.
    const possible = draft('');
    if (!('session' in possible)) return possible;
    const { payment, mac, user } = purchase;
    const receipt = await method.value.charge({ price, payment, mac, ...(user !== undefined && { user }) });
    return receipt.ok ? () => draft(receipt.reference) : receipt;
  }

  #give(grant: Grant): Draft {
    const { accounts, settings, clock } = this.#engine;
    return () => {
      const lot = lotOfGrant(settings.offer, grant, sessionToTopUp(accounts, grant), {
        at: clock.wall(),
        key: grant.key,
      });
      return lot.ok ? this.#draft(grant, lot.value, grant.plan !== undefined) : lot;
    };
  }

  #draft(target: Target, lot: Lot, exact: boolean): Sale | Refusal {
    const into = sessionToTopUp(this.#engine.accounts, target);
    const wrong = misfit(into, lot, exact);
    if (wrong) return wrong;
    const gateway = into?.gateway ?? target.gateway ?? this.#engine.gatewayOf(target.mac);
    if (gateway === undefined) {
      return refuse('gateway_needed', `no portal lists ${target.mac} yet: name its gateway`);
    }
    if (!into && !this.#engine.hasGateway(gateway)) {
      return refuse('unknown_gateway', `there is no gateway '${gateway}'`);
    }
    return { session: sold(into, lot, { ...target, gateway }, into?.id ?? this.#newId()) };
  }

  /** Sells under an idempotency key: decide, commit, act. */
  async #sell(
    key: string,
    content: unknown,
    decide: () => Draft | Refusal | Promise<Draft | Refusal>,
  ): Promise<Result<Session>> {
    const result = await this.#keyed(key, content, async (digest) => {
      const draft = await decide();
      if (typeof draft !== 'function') return draft;
      const sale = await this.#commit(draft, key, digest);
      if (!('session' in sale)) return sale;
      await this.#deliver(sale.session);
      return { ok: true, value: [sale.session] };
    });
    if (!result.ok) return result;
    const session = this.#engine.accounts.settle(result.value[0]?.id ?? '');
    return session
      ? { ok: true, value: session }
      : refuse('forgotten', 'this idempotency_key was used for a session that is not kept any more');
  }

  async #commit(draft: Draft, key: string, digest: string): Promise<Sale | Refusal> {
    try {
      return await this.#engine.accounts.sell(draft, key, digest);
    } catch (cause) {
      const full = (cause as { code?: unknown }).code === 'storage_full';
      return full
        ? refuse('storage_full', 'the disk is full: nothing was sold')
        : refuse('storage_failed', 'the journal cannot be written: nothing was sold');
    }
  }

  async #deliver(session: Session): Promise<void> {
    for (const rival of rivals(this.#engine.accounts, session)) await this.#engine.end(rival.id, 'conflict');
    this.#engine.settle(session);
    await this.#engine.atRest(session, patienceMs);
  }

  async #keyed(
    key: string,
    content: unknown,
    act: (digest: string) => Promise<Result<readonly Session[]>>,
  ): Promise<Result<readonly Session[]>> {
    const digest = digestOf(content);
    const { accounts } = this.#engine;
    const known = accounts.book.keys.get(key);
    if (known?.digest === digest) {
      return { ok: true, value: known.sessions.flatMap((id) => accounts.settle(id) ?? []) };
    }
    const running = known ? undefined : this.#once(key, digest, () => act(digest));
    return running ?? refuse('key_conflict', 'this idempotency_key was used for another request');
  }

  #method(name: string | undefined): Result<PaymentMethod> {
    const { methods } = this.#engine.settings.offer;
    const method = name === undefined ? methods.values().next().value : methods.get(name);
    return method
      ? { ok: true, value: method }
      : refuse('unknown_method', `there is no payment method '${name ?? ''}'`);
  }

  #newId(): string {
    return [...this.#random(20)].map((byte) => idLetters[byte & 31]).join('');
  }
}

/** The sale as it would be now, or why it cannot be. */
type Draft = () => Sale | Refusal;

/** A digest of plain data that does not depend on the order of keys. */
function digestOf(content: unknown): string {
  return createHash('sha256').update(canonical(content)).digest('base64url').slice(0, 22);
}

function canonical(value: unknown): string {
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  const entries = Object.entries(value).filter(([, v]) => v !== undefined);
  entries.sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([k, v]) => `${JSON.stringify(k)}:${canonical(v)}`).join(',')}}`;
}
