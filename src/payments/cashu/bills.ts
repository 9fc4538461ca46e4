import type { Mac } from '../../domain/mac.js';
import { type Money, moneyOf, plainMoney } from '../../domain/money.js';
import { refuse } from '../../domain/refuse.js';
import type { Millis } from '../../domain/units.js';
import type { Bill, Billing, PaymentParts } from '../../ports/payment-method.js';
import type { Result } from '../../ports/result.js';
import { isFor } from './bolt11.js';
import { type Entry, given, over, sold } from './entry.js';
import type { Exchange } from './exchange.js';
import { codes, rotated } from './exchange.js';
import type { Mint } from './mint.js';
import { askQuote, lookUp, redeem } from './mint-quote.js';
import type { Purse } from './purse.js';
import type { CashuConfig, MintPlace } from './section.js';
import { splitPayment } from './split.js';

/** Mints are asked for an invoice's state this often: soon at first, then at a twentieth of its age, in ms. */
const soonest = 4_000;
const latest = 60_000;
/** An order that is paid and cannot be served, as its plan is gone, is tried again this often at the least, in ms. */
const latestServed = 600_000;
/** An invoice is shown for so long less than it can be paid, and looked for at the mint so much longer, in ms. */
const marginMs = 30_000;
const graceMs = 3_600_000;
/** A mint that is away is asked again for this long what came of an invoice, in ms. */
const forgetMs = 30 * 86_400_000;
/**
 * Invoices that may be paid at a time, and how long one counts, in ms: whoever holds many with addresses of their own making
 * has to make new ones all the time. It is looked after for as long as it can be paid.
 */
const mostOpen = 100;
const countedMs = 600_000;
/** Invoices that are looked after, those with them that are over: 1 kB each. */
const mostKept = 1_000;
/** How often new outputs are made for one invoice: keys change seldom. */
const mostTries = 4;

/** Lightning, by the invoices of a mint: what is paid becomes tokens here, and pays for the customer's order. */
export class Bills implements Billing {
  readonly name = 'lightning';
  readonly currencies: ReadonlyMap<string, number>;
  readonly windowTime?: Millis;
  readonly windowData;
  readonly windows;
  readonly #places: readonly MintPlace[];
  readonly #mints: ReadonlyMap<string, Mint>;
  readonly #purse: Purse;
  readonly #exchange: Exchange;
  readonly #parts: Pick<PaymentParts, 'clock' | 'log' | 'confirm'>;
  /** When the mint was asked for each of them, monotonic, in ms. */
  readonly #asked = new Map<string, number>();
  #cancel: (() => void) | undefined;
  #isStopped = false;

  constructor(
    { mints, windowTime, windowData, windows }: CashuConfig,
    at: ReadonlyMap<string, Mint>,
    purse: Purse,
    exchange: Exchange,
    parts: Pick<PaymentParts, 'clock' | 'log' | 'confirm'>,
  ) {
    // An invoice is in satoshis: what a mint asks for another unit nobody here could check.
    this.#places = mints.filter(({ unit }) => unit === 'sat');
    this.currencies = new Map(this.#places.map(({ currency, decimals }) => [currency, decimals]));
    if (windowTime !== undefined) this.windowTime = windowTime;
    this.windowData = windowData;
    this.windows = windows;
    this.#mints = at;
    this.#purse = purse;
    this.#exchange = exchange;
    this.#parts = parts;
  }

  get isReady(): boolean {
    return this.#places.some(({ url }) => !this.#mints.get(url)!.trouble);
  }

  /** An invoice over the price; it is on the disk when this resolves. */
  async bill(order: { id: string; mac: Mac; steps: number; price: Money }): Promise<Result<Bill>> {
    const { price } = order;
    const now = this.#parts.clock.wall();
    const open = this.#open();
    const counted = open.filter(({ at, bill }) => bill!.until > now && Math.abs(now - at) < countedMs);
    if (counted.length >= mostOpen || open.length >= mostKept)
      return refuse('too_many_orders', 'too many invoices wait to be paid');
    if (price.amount > BigInt(Number.MAX_SAFE_INTEGER)) return refuse('bad_amount', 'nobody can pay that');
    for (const place of this.#places.filter(({ currency }) => currency === price.currency)) {
      const mint = this.#mints.get(place.url)!;
      if (mint.trouble) continue;
      const quote = await askQuote(mint, Number(price.amount), place.unit);
      if (!quote.ok) continue;
      const { request, expires = now + graceMs } = quote.value;
      if (!isFor(request, Number(price.amount))) {
        this.#parts.log('error', `lightning: ${place.url} made an invoice over another amount`);
        continue;
      }
      const until = expires - marginMs;
      if (until > now) return this.#keep(order, place, quote.value.quote, { request, until });
      this.#parts.log('error', `lightning: ${place.url} made an invoice that is over: is the clock right?`);
    }
    return refuse('upstream_silent', 'no mint makes an invoice now');
  }

  /** Looks after what is open, from now on. */
  start(): void {
    if (this.#isStopped || this.#cancel || this.#open().length === 0) return;
    this.#cancel = this.#parts.clock.after(soonest, () => {
      void this.#round().finally(() => {
        this.#cancel = undefined;
        this.start();
      });
    });
  }

  stop(): void {
    this.#isStopped = true;
    this.#cancel?.();
  }

  async #keep(
    { id: order, mac, steps, price }: { id: string; mac: Mac; steps: number; price: Money },
    { url, unit }: MintPlace,
    quote: string,
    bill: Bill,
  ): Promise<Result<Bill>> {
    const worth = Number(price.amount);
    const unitPrice = worth / steps;
    const entry: Entry = {
      ...{ id: `lightning-${order}`, state: 'billed', key: `order ${order}`, mac, mint: url, unit },
      ...{ at: this.#parts.clock.wall(), steps, unitPrice, worth, inputs: [], tries: [], pieces: [] },
      ...{
        parts: splitPayment(steps, unitPrice, 0),
        bill: { order, quote, until: bill.until, price: plainMoney(price) },
      },
    };
    try {
      const isKept = await this.#purse.inTurn(entry.id, async () => {
        await this.#purse.decide(entry);
        return true;
      });
      if (!isKept) return refuse('stopping', 'turnpike is being stopped');
    } catch (cause) {
      const { code, message } = cause as { code: string; message: string };
      return refuse(code, message);
    }
    this.start();
    return { ok: true, value: bill };
  }

  #open(): Entry[] {
    return this.#purse.all().filter(({ bill, state }) => bill && (state === 'billed' || state === 'taken'));
  }

  async #round(): Promise<void> {
    const silent = new Set<string>();
    for (const { id, mint, at, state } of this.#open()) {
      const { clock } = this.#parts;
      const most = state === 'taken' ? latestServed : latest;
      const pause = Math.min(Math.max(Math.abs(clock.wall() - at) / 20, soonest), most);
      const asked = this.#asked.get(id);
      if (silent.has(mint) || (asked !== undefined && clock.mono() - asked < pause)) continue;
      this.#asked.set(id, clock.mono());
      await this.#purse
        .inTurn(id, () => this.#follow(id))
        .catch((cause: Error) => {
          this.#parts.log('error', `lightning: ${cause.message}`);
        });
      if (this.#mints.get(mint)?.trouble) silent.add(mint);
    }
    const open = new Set(this.#open().map(({ id }) => id));
    for (const id of this.#asked.keys()) if (!open.has(id)) this.#asked.delete(id);
  }

  /** @throws what the safe throws */
  async #follow(id: string): Promise<void> {
    const entry = this.#purse.get(id);
    const mint = this.#mints.get(entry?.mint ?? '');
    if (entry?.state === 'billed' && mint) await this.#collect(entry, mint);
    const now = this.#purse.get(id);
    if (now?.state === 'taken') await this.#deliver(now);
  }

  async #collect(entry: Entry, mint: Mint): Promise<void> {
    const { quote, until } = entry.bill!;
    const found = await lookUp(mint, quote);
    const late = this.#parts.clock.wall() - until;
    if (!found.ok) {
      if (late > forgetMs) await this.#forget(entry, 'its mint has not answered for a month');
      return;
    }
    const { state } = found.value;
    if (state === 'UNPAID' && late > graceMs) await this.#purse.note(entry.id, undefined);
    if (state === 'PAID') await this.#redeem(entry, mint);
    if (state === 'ISSUED' && !(await this.#restore(entry, mint)) && late > forgetMs) {
      await this.#forget(entry, 'its mint says that it was used, and not by us');
    }
  }

  /** The outputs are on the disk before they are signed, so that an answer that is lost can be had again. */
  async #redeem(entry: Entry, mint: Mint, anew = false): Promise<void> {
    const fresh =
      anew || entry.tries.length === 0 ? await this.#exchange.outputs(mint, entry, anew) : undefined;
    if (!fresh && (anew || entry.tries.length === 0)) return;
    const asked = fresh ? { ...entry, tries: [...entry.tries, fresh] } : entry;
    if (fresh) await this.#purse.decide(asked);
    const outputs = asked.tries.at(-1)!;
    const answer = await redeem(mint, entry.bill!.quote, outputs);
    if (answer.ok) await this.#exchange.take(mint, asked, outputs, answer.value);
    else if (answer.silent) return;
    else if (rotated.includes(answer.code) && asked.tries.length < mostTries)
      await this.#redeem(asked, mint, true);
    else if (answer.code === codes.issued || answer.code === codes.signed) await this.#restore(asked, mint);
  }

  /** @returns whether nothing is left to be asked for */
  async #restore(entry: Entry, mint: Mint): Promise<boolean> {
    for (const outputs of entry.tries) {
      const restored = await mint.restore(outputs);
      if (!restored.ok) return true;
      if (!restored.value) continue;
      await this.#exchange.take(mint, entry, outputs, restored.value);
      return true;
    }
    return false;
  }

  /** The money is here: the order is served. What belongs to no order is the customer's, as a token. */
  async #deliver(entry: Entry): Promise<void> {
    const { order, price } = entry.bill!;
    const { log, clock, confirm } = this.#parts;
    const done = await confirm(this.name, { order, money: moneyOf(price), reference: entry.id });
    const now = clock.wall();
    if (!done.ok && !/^(?:unknown_order|price_differs)$/.test(done.code)) return;
    if (!done.ok) {
      log('error', `lightning: order ${order} was paid and is gone: its customer has a token on the page`);
      await this.#purse.note(entry.id, given(entry, now));
    } else if (done.value.state === 'sold') await this.#purse.note(entry.id, sold(entry, now));
    else if (done.value.state === 'voucher') await this.#purse.note(entry.id, over(entry, 0, now));
  }

  async #forget({ id, bill }: Entry, why: string): Promise<void> {
    this.#parts.log('error', `lightning: the invoice of order ${bill!.order} is given up: ${why}`);
    await this.#purse.note(id, undefined);
  }
}
