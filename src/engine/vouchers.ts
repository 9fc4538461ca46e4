import type { Lot } from '../domain/lot.js';
import { lotOf } from '../domain/lot.js';
import type { Money } from '../domain/money.js';
import { refuse } from '../domain/refuse.js';
import type { Session } from '../domain/session.js';
import { type Batch, freed, unusable, type Voucher, voucherId } from '../domain/voucher.js';
import { plainBatch } from '../domain/vouchers.js';
import type { Refusal, Result } from '../ports/result.js';
import { Attempts } from './attempts.js';
import { newCode, printCode, readCode } from './code.js';
import { digestOf } from './digest.js';
import type { Engine } from './engine.js';
import { keyConflict, once } from './once.js';
import { patienceMs } from './patience.js';
import { checkSteps, quote, sessionToTopUp } from './sales.js';
import { stored, type Target, type Till } from './till.js';

/** A batch to be made. */
export interface VoucherOrder {
  readonly plan: string;
  readonly steps?: number;
  readonly count: number;
  /** Wall clock, ms since 1970. */
  readonly validUntil?: number;
  readonly reuse: boolean;
  readonly key: string;
}

/** A batch with its codes: the only time that anybody sees them. */
export interface NewBatch {
  readonly batch: Batch;
  readonly codes: readonly string[];
}

/** Batches whose codes can be asked for again under the same key, as long as this run lasts. */
const mostRemembered = 8;
/** Names of batches: 40 random bits. */
const batchLetters = 'abcdefghjkmnpqrstvwxyz0123456789';

const unknownVoucher = refuse('unknown_voucher', 'there is no such voucher');
const forgotten = refuse(
  'forgotten',
  'these vouchers were made, and their codes are shown once: void the batch',
);

/** Makes vouchers and takes them. */
export class VoucherDesk {
  readonly #engine: Engine;
  readonly #till: Till;
  readonly #random: (bytes: number) => Uint8Array;
  readonly #hash: (code: string) => string;
  readonly #attempts = new Attempts();
  /** Redemptions under way, by voucher. */
  readonly #redeeming = once();
  readonly #made = new Map<string, NewBatch>();

  /** `hash`: keyed, so that the journal alone does not give the codes away. */
  constructor(
    engine: Engine,
    till: Till,
    random: (bytes: number) => Uint8Array,
    hash: (code: string) => string,
  ) {
    this.#engine = engine;
    this.#till = till;
    this.#random = random;
    this.#hash = hash;
  }

  /** Makes a batch. A repeated key has the same answer; its codes are known until the daemon ends. */
  async create({ key, ...order }: VoucherOrder): Promise<Result<NewBatch>> {
    const digest = digestOf(['vouchers', order]);
    // A repeat waits for the first request, whose batch is in the books before it is on the disk.
    const answer = async () => this.#known(key, digest) ?? stored(() => this.#make(order, key, digest));
    return this.#till.once(key, digest, answer) ?? keyConflict;
  }

  /**
   * Lets a device use a voucher. The same device again gets the same answer; another device takes over what
   * is left.
   */
  async redeem(typed: string, target: Target): Promise<Result<Session>> {
    const { clock } = this.#engine;
    const wait = this.#attempts.wait(target.mac, clock.mono());
    if (wait > 0) {
      return refuse('too_many_attempts', `too many wrong codes: try again in ${Math.ceil(wait / 1000)} s`);
    }
    return stored(async () => this.#redeem(readCode(typed), target));
  }

  async #redeem(code: string | undefined, target: Target): Promise<Result<Session>> {
    const voucher = code && this.#find(code);
    if (!voucher) {
      this.#attempts.failed(target.mac, this.#engine.clock.mono());
      return unknownVoucher;
    }
    const busy = refuse('voucher_busy', 'this voucher is being redeemed elsewhere: try again');
    return (
      this.#redeeming(voucherId(voucher), digestOf(['redeem', target]), () => this.#take(voucher, target)) ??
      busy
    );
  }

  /** Makes a voucher worthless, or without `number` its batch. @returns how many. */
  async cancel(batch: string, number: number | undefined): Promise<Result<number>> {
    const { accounts, clock } = this.#engine;
    const found = accounts.book.vouchers
      .batch(batch)
      .filter((v) => number === undefined || v.number === number);
    if (found.length === 0) return unknownVoucher;
    const record = { t: 'voided', at: clock.wall(), batch, ...(number !== undefined && { number }) } as const;
    return stored(async () => {
      await accounts.commit(record);
      return { ok: true, value: found.length };
    });
  }

  /** The answer to a key that was used before. */
  #known(key: string, digest: string): Result<NewBatch> | undefined {
    const known = this.#engine.accounts.book.keys.get(key);
    if (!known) return undefined;
    if (known.digest !== digest) return keyConflict;
    const made = this.#made.get(key);
    return made ? { ok: true, value: made } : forgotten;
  }

  #find(code: string): Voucher | undefined {
    return this.#engine.accounts.book.vouchers.byHash(this.#hash(code));
  }

  async #make(order: Omit<VoucherOrder, 'key'>, key: string, digest: string): Promise<Result<NewBatch>> {
    const { accounts, clock } = this.#engine;
    const at = clock.wall();
    const batch = this.#batchOf(order, at);
    if (!batch.ok) return batch;
    if (order.validUntil !== undefined && order.validUntil <= at) {
      return refuse('bad_argument', 'valid_until has passed');
    }
    const room = accounts.book.vouchers.room(at);
    if (order.count > room) return refuse('too_many_vouchers', `there is room for ${room} more vouchers`);
    const codes = this.#codes(order.count);
    const record = {
      t: 'vouchers',
      at,
      key,
      digest,
      batch: plainBatch(batch.value),
      hashes: codes.map(this.#hash),
    } as const;
    await accounts.commit(record);
    const made = { batch: batch.value, codes: codes.map(printCode) };
    this.#made.set(key, made);
    if (this.#made.size > mostRemembered) this.#made.delete(this.#made.keys().next().value!);
    return { ok: true, value: made };
  }

  #batchOf(order: Omit<VoucherOrder, 'key'>, at: number): Result<Batch> {
    const { offer } = this.#engine.settings;
    const priced = [...offer.methods.values()].map((method) => quote(offer, order, method));
    const found = priced.find((q) => q.ok) ?? priced[0] ?? refuse('unknown_method', 'there is no way to pay');
    // A plan that has no price can be given away on paper.
    const free = !found.ok && found.code === 'no_price';
    if (!found.ok && !free) return found;
    const plan = offer.plans.get(order.plan)!;
    const steps = checkSteps(plan, found.ok ? found.value.steps : (order.steps ?? plan.minSteps));
    if (!steps.ok) return steps;
    const { funding: _, at: __, key: ___, ...goods } = lotOf(plan, steps.value, noFunding, { at, key: '' });
    const id = [...this.#random(8)].map((byte) => batchLetters[byte & 31]).join('');
    const price: { price?: Money } = found.ok ? { price: found.value.price } : {};
    const until = order.validUntil === undefined ? {} : { validUntil: order.validUntil };
    return { ok: true, value: { id, at, goods, reuse: order.reuse, ...price, ...until } };
  }

  #codes(count: number): string[] {
    const codes = new Set<string>();
    while (codes.size < count) {
      const code = newCode(this.#random);
      if (!this.#find(code)) codes.add(code);
    }
    return [...codes];
  }

  async #take(voucher: Voucher, target: Target): Promise<Result<Session>> {
    const user = this.#session(voucher);
    if (user) {
      if (sessionToTopUp(this.#engine.accounts, target)?.id === user.id) return { ok: true, value: user };
      if (!voucher.batch.reuse) return refuse('voucher_in_use', 'another customer uses this voucher');
      // Every obstacle is looked for before a device is shut out.
      const refusal =
        this.#wrong(freed(this.#now(voucher), user), target) ?? (await this.#takeFrom(user, voucher));
      if (refusal) return refusal;
    }
    // A session that was closing has put what it left back on the voucher by now.
    const now = this.#now(voucher);
    const wrong = this.#wrong(now, target);
    if (wrong) return wrong;
    const lot = this.#lotOf(now);
    // The disk may have been waited for: meanwhile the voucher can be made void, or run out.
    const wrongNow = () => unusable(this.#now(voucher), this.#engine.clock.wall());
    const draft = () => wrongNow() ?? this.#till.draft(target, lot, true);
    const sale = await this.#till.commit(draft, lot.key, digestOf(['redeem', target.mac]));
    if (!('session' in sale)) return sale;
    await this.#till.deliver(sale);
    return { ok: true, value: this.#engine.accounts.upToDate(sale.session.id)! };
  }

  #now(voucher: Voucher): Voucher {
    // A batch is taken out when none of it can be redeemed any more.
    return this.#engine.accounts.book.vouchers.get(voucherId(voucher)) ?? { ...voucher, void: true };
  }

  /** Why the voucher, as it is or would be, cannot be redeemed for the target. */
  #wrong(voucher: Voucher, target: Target): Refusal | undefined {
    const wrong = unusable(voucher, this.#engine.clock.wall());
    if (wrong) return wrong;
    const draft = this.#till.draft(target, this.#lotOf(voucher), true);
    return 'session' in draft ? undefined : draft;
  }

  #session(voucher: Voucher): Session | undefined {
    const id = this.#now(voucher).session;
    return id === undefined ? undefined : this.#engine.accounts.upToDate(id);
  }

  /** Ends the session of the device that has the voucher now, so that the rest is free. */
  async #takeFrom(user: Session, voucher: Voucher): Promise<Refusal | undefined> {
    await this.#engine.end(user.id, 'conflict');
    await this.#engine.atRest(user, patienceMs);
    return this.#session(voucher) === undefined
      ? undefined
      : refuse('voucher_busy', 'its other device is still being shut out: try again');
  }

  #lotOf(voucher: Voucher): Lot {
    const { batch, redeemed, remaining } = voucher;
    const id = voucherId(voucher);
    // Revenue is counted once, however often what is left moves to another session.
    const paid = redeemed === 0 && batch.price ? { paid: batch.price } : {};
    return {
      ...batch.goods,
      allotment: remaining,
      funding: { method: 'voucher', reference: id, voucher: id, ...paid },
      at: this.#engine.clock.wall(),
      // No caller's key has a space in it, so none is taken for this one.
      key: `voucher ${id} ${redeemed}`,
    };
  }
}

const noFunding = { method: 'voucher', reference: '' };
