import { lotOf } from '../domain/lot.js';
import type { Money } from '../domain/money.js';
import { refuse } from '../domain/refuse.js';
import type { Batch } from '../domain/voucher.js';
import { plainBatch } from '../domain/vouchers.js';
import type { Result } from '../ports/result.js';
import { newCode, newDigits, printCode } from './code.js';
import { digestOf } from './digest.js';
import type { Engine } from './engine.js';
import { keyConflict } from './once.js';
import { checkSteps, planOf, quote } from './sales.js';
import { stored, type Till } from './till.js';

/** A batch to be made. */
export interface VoucherOrder {
  readonly plan: string;
  readonly steps?: number;
  readonly count: number;
  /** Wall clock, ms since 1970. */
  readonly validUntil?: number;
  readonly reuse: boolean;
  /** Codes of digits alone, for tills and phones without letters. */
  readonly digits?: true;
  /** The codes can be asked for again, where the owner lets them be kept. */
  readonly reprint?: true;
  /** What was paid for each; else it is what the plan costs. */
  readonly paid?: Money;
  readonly key: string;
}

/** A batch with its codes. */
export interface NewBatch {
  readonly batch: Batch;
  readonly codes: readonly string[];
}

/** Encrypts the codes of a batch, so that the journal alone does not give them away. */
export interface Sealer {
  seal(batch: string, codes: string): string;
  /** @throws an error with `code` `secret_damaged` where they were sealed with another secret */
  unseal(batch: string, sealed: string): string;
}

/** Batches whose codes can be asked for again under the same key, as long as this run lasts. */
const mostRemembered = 8;
/** Names of batches: 40 random bits. */
const batchLetters = 'abcdefghjkmnpqrstvwxyz0123456789';

const forgotten = refuse(
  'forgotten',
  'these vouchers were made, and their codes are shown once: void the batch',
);

const notKept = refuse(
  'codes_not_kept',
  'these codes are not kept: they were not to be, or one of the vouchers was used or made void, or their time is over',
);

/** Makes vouchers. */
export class VoucherBatches {
  readonly #engine: Engine;
  readonly #till: Till;
  readonly #random: (bytes: number) => Uint8Array;
  readonly #hash: (code: string) => string;
  readonly #sealer: Sealer | undefined;
  readonly #made = new Map<string, NewBatch>();
  /** Batches in the books of which nobody knows yet whether they are on the disk. */
  readonly #underWay = new Set<string>();

  constructor(
    engine: Engine,
    till: Till,
    random: (bytes: number) => Uint8Array,
    hash: (code: string) => string,
    sealer?: Sealer,
  ) {
    this.#engine = engine;
    this.#till = till;
    this.#random = random;
    this.#hash = hash;
    this.#sealer = sealer;
  }

  /** Makes a batch. A repeated key has the same answer, until the daemon ends or as long as {@link keeps} says so. */
  async create({ key, ...order }: VoucherOrder): Promise<Result<NewBatch>> {
    const digest = digestOf(['vouchers', order]);
    // A repeat waits for the first request, whose batch is in the books before it is on the disk.
    const answer = async () =>
      (await this.#known(key, digest)) ?? stored(() => this.#make(order, key, digest));
    return this.#till.once(key, digest, answer) ?? keyConflict;
  }

  /** The codes of a batch again, while {@link keeps} says so. */
  codes(id: string): Promise<Result<NewBatch>> {
    return stored(async () => {
      const vouchers = this.#engine.accounts.book.vouchers.batch(id);
      const [first] = vouchers;
      if (!first) return refuse('unknown_voucher', 'there is no such batch');
      const sealed = this.#sealed(id);
      if (sealed === undefined) return notKept;
      const all = this.#sealer!.unseal(id, sealed);
      const size = all.length / vouchers.length;
      const codes = vouchers.map((_, at) => printCode(all.slice(at * size, (at + 1) * size)));
      return { ok: true, value: { batch: first.batch, codes } };
    });
  }

  /** The codes of a batch can be asked for: none of it was used or made void, and its time is not over. */
  keeps(id: string): boolean {
    return this.#sealed(id) !== undefined;
  }

  #sealed(id: string): string | undefined {
    const { accounts, clock, settings } = this.#engine;
    if (!this.#sealer || !settings.reprint || this.#underWay.has(id)) return undefined;
    return accounts.book.vouchers.sealed(id, clock.wall());
  }

  /** The answer to a key that was used before. */
  async #known(key: string, digest: string): Promise<Result<NewBatch> | undefined> {
    const { keys, deposits } = this.#engine.accounts.book;
    const known = keys.get(key);
    if (!known) return deposits.isOrdered(key, digest) ? keyConflict : undefined;
    if (known.digest !== digest) return keyConflict;
    const made = this.#made.get(key);
    if (made) return { ok: true, value: made };
    const [batch] = known.sessions;
    return batch !== undefined && this.keeps(batch) ? this.codes(batch) : forgotten;
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
    const codes = this.#codes(order.count, order.digits ? newDigits : newCode);
    const { id } = batch.value;
    const record = {
      t: 'vouchers',
      at,
      key,
      digest,
      batch: plainBatch(batch.value),
      hashes: codes.map(this.#hash),
      ...(order.reprint && this.#seal(id, codes)),
    } as const;
    this.#underWay.add(id);
    await accounts.commit(record).finally(() => this.#underWay.delete(id));
    const made = { batch: batch.value, codes: codes.map(printCode) };
    this.#made.set(key, made);
    if (this.#made.size > mostRemembered) this.#made.delete(this.#made.keys().next().value!);
    return { ok: true, value: made };
  }

  /** All codes of a batch have the same length. */
  #seal(id: string, codes: readonly string[]): { readonly sealed?: string } {
    const isWanted = this.#sealer && this.#engine.settings.reprint;
    return isWanted ? { sealed: this.#sealer!.seal(id, codes.join('')) } : {};
  }

  #batchOf(order: Omit<VoucherOrder, 'key'>, at: number): Result<Batch> {
    const priced = this.#priceOf(order);
    if (!priced.ok) return priced;
    const found = planOf(this.#engine.settings.offer, order.plan);
    if (!found.ok) return found;
    const { value: plan } = found;
    const steps = checkSteps(plan, order.steps ?? plan.minSteps);
    if (!steps.ok) return steps;
    const { funding: _, at: __, key: ___, ...goods } = lotOf(plan, steps.value, noFunding, { at, key: '' });
    const id = [...this.#random(8)].map((byte) => batchLetters[byte & 31]).join('');
    const { value: price } = priced;
    const until = order.validUntil === undefined ? {} : { validUntil: order.validUntil };
    return { ok: true, value: { id, at, goods, reuse: order.reuse, ...(price && { price }), ...until } };
  }

  /** What one voucher costs. A plan that has no price can be given away on paper. */
  #priceOf({ paid, ...order }: Omit<VoucherOrder, 'key'>): Result<Money | undefined> {
    if (paid) return { ok: true, value: paid };
    const { offer } = this.#engine.settings;
    const priced = [...offer.methods.values()].map((method) => quote(offer, order, method));
    const found = priced.find((q) => q.ok) ?? priced[0] ?? refuse('unknown_method', 'there is no way to pay');
    if (found.ok) return { ok: true, value: found.value.price };
    return found.code === 'no_price' ? { ok: true, value: undefined } : found;
  }

  #codes(count: number, draw: typeof newCode): string[] {
    const { vouchers } = this.#engine.accounts.book;
    const codes = new Set<string>();
    while (codes.size < count) {
      const code = draw(this.#random);
      if (!vouchers.byHash(this.#hash(code))) codes.add(code);
    }
    return [...codes];
  }
}

const noFunding = { method: 'voucher', reference: '' };
