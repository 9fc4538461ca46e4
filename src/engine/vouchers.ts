import type { Lot } from '../domain/lot.js';
import { refuse } from '../domain/refuse.js';
import type { Session } from '../domain/session.js';
import { freed, unusable, type Voucher, voucherId } from '../domain/voucher.js';
import type { Refusal, Result } from '../ports/result.js';
import { Attempts } from './attempts.js';
import { CarryDesk } from './carry.js';
import { readCode } from './code.js';
import { digestOf } from './digest.js';
import type { Engine } from './engine.js';
import { once } from './once.js';
import { patienceMs } from './patience.js';
import { sessionToTopUp } from './sales.js';
import { stored, type Target, type Till } from './till.js';
import { type NewBatch, type Sealer, VoucherBatches, type VoucherOrder } from './voucher-batches.js';

const unknownVoucher = refuse('unknown_voucher', 'there is no such voucher');
const noTime = refuse(
  'clock_not_set',
  'the router has not heard the time yet: try again when its clock is set',
);
/** Takes vouchers, and makes them ({@link VoucherBatches}). */
export class VoucherDesk {
  readonly #engine: Engine;
  readonly #till: Till;
  readonly #hash: (code: string) => string;
  readonly #batches: VoucherBatches;
  /** Codes of another kind, which are as hard to guess: wrong ones count together. */
  readonly carries: CarryDesk;
  readonly #attempts = new Attempts();
  /** Redemptions under way, by voucher. */
  readonly #redeeming = once();

  /** `hash`: keyed, so that the journal alone does not give the codes away. Without `sealer` they are shown once. */
  constructor(
    engine: Engine,
    till: Till,
    random: (bytes: number) => Uint8Array,
    hash: (code: string) => string,
    sealer?: Sealer,
  ) {
    this.#engine = engine;
    this.#till = till;
    this.#hash = hash;
    this.#batches = new VoucherBatches(engine, till, random, hash, sealer);
    this.carries = new CarryDesk(engine, random, hash, this.#attempts);
  }

  /** Makes a batch: see {@link VoucherBatches.create}. */
  create(order: VoucherOrder): Promise<Result<NewBatch>> {
    return this.#batches.create(order);
  }

  /** The codes of a batch again: see {@link VoucherBatches.codes}. */
  codes(batch: string): Promise<Result<NewBatch>> {
    return this.#batches.codes(batch);
  }

  /** Whether {@link codes} has them. */
  keeps(batch: string): boolean {
    return this.#batches.keeps(batch);
  }

  /**
   * Lets a device use a voucher. The same device again gets the same answer; another device takes over what
   * is left.
   */
  async redeem(typed: string, target: Target): Promise<Result<Session>> {
    const { clock } = this.#engine;
    const refused = this.#attempts.tooMany(target.mac, clock);
    if (refused && !this.#attempts.isSpared(target.mac, clock.mono())) return refused;
    return stored(async () => this.#redeem(readCode(typed), target, refused ?? unknownVoucher));
  }

  async #redeem(code: string | undefined, target: Target, wrong: Refusal): Promise<Result<Session>> {
    const voucher = code && this.#find(code);
    if (!voucher) {
      this.#attempts.failed(target.mac, this.#engine.clock.mono());
      return wrong;
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

  #find(code: string): Voucher | undefined {
    return this.#engine.accounts.book.vouchers.byHash(this.#hash(code));
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
    const wrongNow = () => this.#unusable(this.#now(voucher));
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
    const wrong = this.#unusable(voucher);
    if (wrong) return wrong;
    const draft = this.#till.draft(target, this.#lotOf(voucher), true);
    return 'session' in draft ? undefined : draft;
  }

  #unusable(voucher: Voucher): Refusal | undefined {
    const { clock } = this.#engine;
    const wrong = unusable(voucher, clock.wall());
    return wrong ?? (voucher.batch.validUntil !== undefined && clock.state === 'unset' ? noTime : undefined);
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
