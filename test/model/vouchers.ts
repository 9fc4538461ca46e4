// The vouchers that were printed, with their codes.
import * as assert from 'uvu/assert';
import type { Model } from './model.js';
import type { Operation } from './operations.js';
import type { Voucher } from './reference.js';
import type { Lot, Money } from './terms.js';

type Of<D extends Operation['do']> = Operation & { readonly do: D };

interface Print {
  readonly lot: Lot;
  readonly price: Money | undefined;
  readonly count: number;
  readonly single: boolean;
  readonly until: number | undefined;
}

/** A batch that may have been made, or vouchers that may have been made void. */
interface Doubt {
  readonly print?: Print;
  readonly void?: readonly Voucher[];
  readonly isRefused: boolean;
}

export class Vouchers {
  readonly #model: Model;
  readonly #codes = new Map<string, string>();
  /** Orders that were not answered, or that the disk refused. */
  #unsure: Doubt[] = [];

  constructor(model: Model) {
    this.#model = model;
  }

  /** The newest but so many whose code is known. */
  pick(back: number): { readonly voucher: Voucher; readonly code: string } | undefined {
    const [id, code] = [...this.#codes].at(-1 - back) ?? [];
    const voucher = this.#model.reference.vouchers.get(id ?? '');
    return voucher && code !== undefined ? { voucher, code } : undefined;
  }

  async print({ plan, steps, count, single, valid }: Of<'print'>, key: string): Promise<void> {
    const { reference, router } = this.#model;
    const until = valid === undefined ? undefined : Math.floor(router.clock.wall() / 1000) + valid;
    const { refusals, lot, price } = reference.vouchersOf({ plan, steps });
    const args = { plan, steps, count, single_use: single, idempotency_key: key };
    const order = until === undefined ? args : { ...args, valid_until: until };
    const print = lot && { lot, price, count, single, until: until && until * 1000 };
    const reply = await router.call('voucher_create', order);
    if (!reply) {
      if (print) this.#unsure.push({ print, isRefused: false });
      return;
    }
    const { code } = (reply.error ?? {}) as { code?: string };
    if (code !== undefined) {
      if (print && code.startsWith('storage_')) this.#unsure.push({ print, isRefused: true });
      const isAllowed = refusals.has(code) || (code.startsWith('storage_') && this.#model.isDiskTroubled);
      return assert.ok(isAllowed, `voucher_create: ${code}, not ${[...refusals]}`);
    }
    assert.equal([...refusals], [], 'voucher_create is not refused');
    this.#issue(String(reply.batch), print!);
    (reply.codes as string[]).forEach((one, index) => {
      this.#codes.set(`${reply.batch}-${index + 1}`, one);
    });
  }

  async cancel({ voucher: back, batch }: Of<'void'>): Promise<void> {
    const { reference, router } = this.#model;
    const picked = this.pick(back)?.voucher;
    if (!picked) return;
    const [name] = picked.id.split('-');
    const all = [...reference.vouchers.values()].filter((one) => one.id.startsWith(`${name}-`));
    const named = batch ? all : [picked];
    const reply = await router.call('voucher_void', { id: batch ? name : picked.id });
    if (!reply) {
      this.#unsure.push({ void: named, isRefused: false });
      return;
    }
    const { code } = (reply.error ?? {}) as { code?: string };
    if (code !== undefined) {
      this.#unsure.push({ void: named, isRefused: true });
      return assert.ok(code.startsWith('storage_') && this.#model.isDiskTroubled, code);
    }
    assert.is(reply.voided, named.length, 'voucher_void');
    for (const one of named) one.void = true;
  }

  /** After a crash: what was not answered was done wholly or not at all; a power cut may bring back what was refused. */
  settle(isPower: boolean): void {
    const doubts = this.#unsure.filter(({ isRefused }) => isPower || !isRefused);
    this.#unsure = [];
    const listed = this.#model.vouchers();
    for (const { print, void: named = [] } of doubts) {
      const isVoid = (id: string) => listed.find((one) => one.id === id)?.void === true;
      const voided = named.filter((one) => !one.void && isVoid(one.id));
      if (voided.length > 0) for (const one of named) one.void = true;
      const unknown = listed.find(({ id }) => !this.#model.reference.vouchers.has(id));
      if (print && unknown) this.#issue(unknown.id.split('-')[0]!, print);
    }
  }

  /** All that was refused is on the disk as refused. */
  diskIsWell(): void {
    this.#unsure = [];
  }

  /** Compares all of them. `isUndone`: the disk failed when the daemon died, and ends may be undone. */
  check(isUndone: boolean): void {
    const { reference, router } = this.#model;
    const listed = this.#model.vouchers();
    assert.is(listed.length, reference.vouchers.size, 'vouchers that are kept');
    const now = router.clock.wall();
    for (const { id, ...seen } of listed) {
      const voucher = reference.vouchers.get(id);
      assert.ok(voucher, `voucher ${id}: nobody ordered it`);
      if (isUndone) Object.assign(voucher, { session: seen.session, remaining: seen.remaining });
      const { session, redeemed, void: isVoid, remaining } = voucher;
      assert.is(seen.state, reference.stateOf(voucher, now), `voucher ${id}`);
      const left = session === undefined ? { remaining } : {};
      const seenLeft = session === undefined ? { remaining: seen.remaining } : {};
      assert.equal(
        { session: seen.session, redeemed: seen.redeemed, void: seen.void, ...seenLeft },
        { session, redeemed, void: isVoid, ...left },
        `voucher ${id}`,
      );
    }
  }

  #issue(batch: string, { lot, price, count, single, until }: Print): void {
    for (let number = 1; number <= count; number++) {
      const id = `${batch}-${number}`;
      const fresh = { remaining: lot.limits, redeemed: 0, session: undefined, void: false };
      this.#model.reference.vouchers.set(id, { id, lot, price, until, single, ...fresh });
    }
  }
}
