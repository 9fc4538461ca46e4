import type { Lot } from './lot.js';
import { moneyOf, type PlainMoney, plainMoney } from './money.js';
import type { Allotment } from './plan.js';
import type { Session } from './session.js';
import { type Batch, leftovers, type Voucher, voucherState } from './voucher.js';

/** Vouchers that are kept; batches with none left to redeem make room first. */
export const mostVouchers = 10_000;

/** A {@link Batch} as plain data. */
export type PlainBatch = Omit<Batch, 'price'> & { readonly price?: PlainMoney };

/** A batch with its vouchers, as the snapshot keeps it: those never touched are a hash and no more. */
export interface PlainVouchers {
  readonly batch: PlainBatch;
  readonly hashes: readonly string[];
  /** The codes, encrypted: absent from the first use on, or where nobody may print them again. */
  readonly sealed?: string;
  readonly touched: readonly (Pick<Voucher, 'number' | 'remaining' | 'redeemed' | 'void'> & {
    readonly session?: string;
  })[];
}

/** What may change of a voucher. */
interface Change {
  readonly session?: string | undefined;
  readonly remaining?: Allotment;
  readonly redeemed?: number;
  readonly void?: boolean;
}

interface Sheet {
  readonly batch: Batch;
  readonly vouchers: Voucher[];
  /** As in {@link PlainVouchers}. */
  sealed?: string | undefined;
}

/** All vouchers. Changed by journal records only, the same at run time and at replay. */
export class Vouchers {
  readonly #sheets = new Map<string, Sheet>();
  readonly #byHash = new Map<string, { readonly batch: string; readonly number: number }>();

  constructor(plain: readonly PlainVouchers[] = []) {
    for (const { batch, hashes, sealed, touched } of plain) {
      this.issue(batch, hashes, sealed);
      for (const { number, ...state } of touched) this.#put(this.batch(batch.id)[number - 1]!, state);
    }
  }

  get size(): number {
    return this.#byHash.size;
  }

  /** All vouchers, oldest batch first. */
  *all(): IterableIterator<Voucher> {
    for (const { vouchers } of this.#sheets.values()) yield* vouchers;
  }

  /** How many more can be made. `now`: wall clock, ms since 1970. */
  room(now: number): number {
    let room = mostVouchers;
    for (const { vouchers } of this.#sheets.values()) if (!isOver(vouchers, now)) room -= vouchers.length;
    return room;
  }

  batch(id: string): readonly Voucher[] {
    return this.#sheets.get(id)?.vouchers ?? [];
  }

  get(id: string): Voucher | undefined {
    const [batch = '', number] = id.split('-');
    return this.#sheets.get(batch)?.vouchers[Number(number) - 1];
  }

  byHash(hash: string): Voucher | undefined {
    const at = this.#byHash.get(hash);
    return at && this.#sheets.get(at.batch)?.vouchers[at.number - 1];
  }

  /** The encrypted codes of a batch of which nothing was used or made void, nor its time is over at `now`. */
  sealed(id: string, now: number): string | undefined {
    const { sealed, vouchers: [first] = [] } = this.#sheets.get(id) ?? {};
    return first && voucherState(first, now) === 'unused' ? sealed : undefined;
  }

  /** The owner wants no codes to be kept: from the next snapshot on none are in any. @returns whether any were kept */
  forgetCodes(): boolean {
    const kept = [...this.#sheets.values()].filter(({ sealed }) => sealed !== undefined);
    for (const sheet of kept) sheet.sealed = undefined;
    return kept.length > 0;
  }

  /** Adds a batch. */
  issue(plain: PlainBatch, hashes: readonly string[], sealed?: string): void {
    const { price, ...rest } = plain;
    const batch: Batch = { ...rest, ...(price && { price: moneyOf(price) }) };
    const vouchers = hashes.map((hash, index) => {
      this.#byHash.set(hash, { batch: batch.id, number: index + 1 });
      const fresh = { remaining: batch.goods.allotment, redeemed: 0, void: false };
      return { batch, number: index + 1, hash, ...fresh };
    });
    this.#sheets.set(batch.id, { batch, vouchers, sealed });
    this.#makeRoom(batch.at);
  }

  /** Takes out a batch: nobody can redeem any of it. */
  withdraw(batch: string): void {
    for (const { hash } of this.batch(batch)) this.#byHash.delete(hash);
    this.#sheets.delete(batch);
  }

  /** The newest lot of a session came from a voucher. */
  redeemed({ id, lots }: Session): void {
    const named = lots[lots.length - 1]?.funding.voucher;
    const voucher = named === undefined ? undefined : this.get(named);
    if (voucher) this.#put(voucher, { session: id, redeemed: voucher.redeemed + 1 });
  }

  /** The sale of a voucher's lot to a session was taken back: it buys what it bought before. */
  released(session: string, { funding, allotment }: Lot): void {
    const voucher = this.get(funding.voucher ?? '');
    if (!voucher) return;
    const redeemed = voucher.redeemed - 1;
    // Another session may have redeemed the voucher since this one ended.
    const isElsewhere = voucher.session !== undefined && voucher.session !== session;
    this.#put(voucher, isElsewhere ? { redeemed } : { session: undefined, remaining: allotment, redeemed });
  }

  /** A session is over: what its vouchers' lots have left goes back to them. */
  closed({ id, lots, usage }: Session): void {
    const left = leftovers(lots, usage);
    for (const [index, lot] of lots.entries()) this.returned(id, lot, left[index]!);
  }

  /** A session does not use a voucher's lot any more, and leaves this of it. */
  returned(session: string, { funding }: Lot, left: Allotment): void {
    const voucher = this.get(funding.voucher ?? '');
    if (voucher?.session === session) this.#put(voucher, { session: undefined, remaining: left });
  }

  /** Makes one voucher worthless, or its whole batch. A session that runs goes on. */
  cancel(batch: string, number: number | undefined): void {
    for (const voucher of this.batch(batch)) {
      if (number === undefined || voucher.number === number) this.#put(voucher, { void: true });
    }
  }

  /** The vouchers of a batch are not void after all. */
  restore(batch: string, numbers: readonly number[]): void {
    for (const voucher of this.batch(batch))
      if (numbers.includes(voucher.number)) this.#put(voucher, { void: false });
  }

  toPlain(): PlainVouchers[] {
    return [...this.#sheets.values()].map(({ batch, vouchers, sealed }) => ({
      batch: plainBatch(batch),
      hashes: vouchers.map((v) => v.hash),
      ...(sealed !== undefined && { sealed }),
      touched: vouchers
        .filter((v) => v.redeemed > 0 || v.void)
        .map(({ number, remaining, redeemed, session, void: isVoid }) => ({
          number,
          remaining,
          redeemed,
          void: isVoid,
          ...(session !== undefined && { session }),
        })),
    }));
  }

  /** `session`: left out for none. */
  #put({ batch, number, session: before, ...voucher }: Voucher, over: Change): void {
    const session = 'session' in over ? over.session : before;
    const { session: _, ...changes } = over;
    const state = { ...voucher, ...changes, ...(session !== undefined && { session }) };
    const sheet = this.#sheets.get(batch.id);
    if (!sheet) return;
    sheet.vouchers[number - 1] = { batch, number, ...state };
    // From the first touch on nobody prints the batch again, also where the disk refused what touched it.
    sheet.sealed = undefined;
  }

  #makeRoom(now: number): void {
    for (const [id, { vouchers }] of this.#sheets) {
      if (this.size <= mostVouchers) return;
      if (isOver(vouchers, now)) this.withdraw(id);
    }
  }
}

/** Nothing of this batch can be redeemed any more. */
function isOver(vouchers: readonly Voucher[], now: number): boolean {
  return vouchers.every((v) => ['spent', 'expired', 'void'].includes(voucherState(v, now)));
}

/** The batch as the journal keeps it. */
export function plainBatch(batch: Batch): PlainBatch {
  const { price, ...rest } = batch;
  return { ...rest, ...(price && { price: plainMoney(price) }) };
}
