import type { Mac } from '../../domain/mac.js';
import { refuse } from '../../domain/refuse.js';
import type { Clock } from '../../ports/clock.js';
import type {
  Charge,
  Held,
  PaymentMethod,
  PaymentParts,
  Receipt,
  Returned,
} from '../../ports/payment-method.js';
import type { Refusal, Result } from '../../ports/result.js';
import { tokenOf } from './ecash.js';
import { type Entry, given, proofsFor, sold, worthOf } from './entry.js';
import type { Exchange, Exchanged } from './exchange.js';
import type { Mint } from './mint.js';
import type { PayoutBook } from './payout-book.js';
import type { Purse } from './purse.js';
import { currenciesOf, type MintPlace, placeOf } from './section.js';
import { splitPayment } from './split.js';
import { readToken, type TokenRead } from './token.js';

/** How long a customer whose token was taken may ask again for what they bought, before it is given back, in ms. */
const askAgainMs = 120_000;
/**
 * Tokens that a mint does not answer for: of one device, and coins of all devices together, some 250 bytes each. While it
 * is away nobody can tell whether they are forged.
 */
const mostOfDevice = 3;
const mostCoins = 1_000;

/** Takes customers' tokens. `payment`: `{ method: 'cashu', token }`. */
export class CashuTill implements PaymentMethod {
  readonly name = 'cashu';
  readonly currencies: ReadonlyMap<string, number>;
  readonly #places: readonly MintPlace[];
  readonly #mints: ReadonlyMap<string, Mint>;
  readonly #purse: Purse;
  readonly #exchange: Exchange;
  readonly #clock: Clock;
  readonly #sessionOf: (key: string) => unknown;
  readonly #payouts: Pick<PayoutBook, 'now' | 'total'>;
  /** Entries whose sale is being written. */
  readonly #selling = new Set<string>();
  /** Entries that are being written for the first time. */
  readonly #asking = new Map<string, Pick<Entry, 'mac' | 'inputs'>>();

  constructor(
    places: readonly MintPlace[],
    mints: ReadonlyMap<string, Mint>,
    purse: Purse,
    exchange: Exchange,
    { clock, sessionOf }: Pick<PaymentParts, 'clock' | 'sessionOf'>,
    payouts: Pick<PayoutBook, 'now' | 'total'>,
  ) {
    this.#payouts = payouts;
    this.currencies = currenciesOf(places);
    this.#places = places;
    this.#mints = mints;
    this.#purse = purse;
    this.#exchange = exchange;
    this.#clock = clock;
    this.#sessionOf = sessionOf;
  }

  get isReady(): boolean {
    return this.#places.some(({ url }) => !this.#mints.get(url)!.trouble);
  }

  async appraise(payment: Charge['payment']): ReturnType<NonNullable<PaymentMethod['appraise']>> {
    const read = readToken(payment.token, this.#places);
    if (!read.ok) return read;
    const { id, place } = read.value;
    const worth = this.#purse.get(id)?.worth ?? (await this.#worth(read.value));
    if (typeof worth !== 'number') return worth;
    const { currency, decimals } = place;
    return { ok: true, value: { currency, decimals, amount: BigInt(worth) } };
  }

  async charge(charge: Charge): Promise<Result<Receipt>> {
    const read = readToken(charge.payment.token, this.#places);
    if (!read.ok) return read;
    const token = read.value;
    const done = await this.#purse.inTurn(token.id, async () => {
      try {
        const known = this.#purse.get(token.id);
        return known ? await this.#repeat(known, charge) : await this.#first(token, charge);
      } catch (cause) {
        const { code, message } = cause as { code?: unknown; message: string };
        if (typeof code !== 'string' || !code.startsWith('storage_')) throw cause;
        return refuse(code, `${message}: nothing was sold`);
      }
    });
    return done ?? away;
  }

  async settle(reference: string, isSold: boolean): Promise<void> {
    await this.#purse.inTurn(reference, async () => {
      this.#selling.delete(reference);
      const entry = this.#purse.get(reference);
      if (isSold && entry?.state === 'taken')
        await this.#purse.note(reference, sold(entry, this.#clock.wall()));
    });
  }

  async returned(mac: Mac): Promise<readonly Returned[]> {
    const own = this.#purse.all().filter((entry) => entry.mac === mac);
    const waiting = own.filter(({ state, bill }) => state !== 'billed' && !bill);
    for (const { id } of waiting) await this.#purse.inTurn(id, () => this.#giveUp(id));
    if (this.#purse.isClosed) return [];
    return own.flatMap(({ id }) => {
      const entry = this.#purse.get(id);
      return entry ? returnedOf(entry, this.#places) : [];
    });
  }

  held(): readonly Held[] {
    return this.#known().map(({ url, unit, currency, decimals }) => {
      const here = this.#purse.all().filter((entry) => entry.mint === url && entry.unit === unit);
      const sum = (whose: 'open' | 'seller' | 'customer') => ({
        ...{ currency, decimals },
        amount: BigInt(here.reduce((all, entry) => all + worthOf(proofsFor(entry, whose)), 0)),
      });
      const { now } = this.#payouts;
      const isHere = now?.mint === url && now.unit === unit;
      return {
        ...{ place: url, seller: sum('seller'), inUse: sum('open'), customers: sum('customer') },
        paidOut: { currency, decimals, amount: BigInt(this.#payouts.total(url, unit)) },
        onItsWay: { currency, decimals, amount: BigInt(isHere ? now.amount : 0) },
      };
    });
  }

  /** Mints that are configured, and those of before where there is money still. */
  #known(): MintPlace[] {
    const money = this.#purse.all().filter(({ pieces }) => pieces.some(({ proofs }) => proofs.length > 0));
    const all = [...this.#places, ...money.map((entry) => placeOf(this.#places, entry))];
    return [...new Map(all.map((place) => [`${place.url} ${place.unit}`, place])).values()];
  }

  async #worth(token: TokenRead): Promise<number | Refusal> {
    const found = await this.#exchange.appraise(this.#mints.get(token.place.url)!, token);
    if (!found) return away;
    return 'worth' in found ? found.worth : found;
  }

  async #first(token: TokenRead, { price, steps, key, mac }: Charge): Promise<Result<Receipt>> {
    const { id, place } = token;
    const mint = this.#mints.get(place.url)!;
    const found = await this.#exchange.appraise(mint, token);
    if (!found) return away;
    if (!('worth' in found)) return found;
    const { proofs, worth } = found;
    const change = worth - Number(price.amount);
    if (change < 0 || price.currency !== place.currency) {
      return refuse('payment_short', `the token is worth ${worth} ${place.unit} after the mint’s fee`);
    }
    const unitPrice = Number(price.amount) / steps;
    const parts = splitPayment(steps, unitPrice, change);
    const outputs = await this.#exchange.outputs(mint, { unit: place.unit, parts });
    if (!outputs) return away;
    const entry: Entry = {
      ...{ id, state: 'asked', key, mac, at: this.#clock.wall(), mint: place.url, unit: place.unit },
      ...{ steps, unitPrice, worth, inputs: proofs, parts, tries: [outputs], pieces: [] },
    };
    if (this.#isCrowded(entry)) return away;
    this.#asking.set(id, entry);
    await this.#purse.decide(entry).finally(() => this.#asking.delete(id));
    return this.#answer(id, await this.#exchange.swap(mint, entry));
  }

  #isCrowded({ mac, inputs }: Entry): boolean {
    const asked = this.#purse.all().filter(({ state }) => state === 'asked');
    const waiting = [...asked, ...this.#asking.values()];
    const coins = waiting.reduce((all, one) => all + one.inputs.length, inputs.length);
    return coins > mostCoins || waiting.filter((one) => one.mac === mac).length >= mostOfDevice;
  }

  async #repeat(known: Entry, { price, steps, key, mac }: Charge): Promise<Result<Receipt>> {
    if (known.state === 'given' && known.key === key) {
      return refuse('payment_returned', 'it could not be served, and was given back');
    }
    const isOpen = known.state === 'asked' || known.state === 'taken';
    if (!isOpen) return refuse('payment_used', 'this token was used for another purchase');
    const entry = known.key === key ? known : await this.#moved(known, key, mac);
    if (!entry) return refuse('payment_used', 'this token was used for another purchase');
    const mint = this.#mints.get(entry.mint);
    if (!mint) return away;
    const done: Exchanged =
      entry.state === 'taken' ? { state: 'taken', entry } : await this.#exchange.again(mint, entry);
    const isSame = entry.steps === steps && BigInt(entry.unitPrice * entry.steps) === price.amount;
    if (done.state === 'taken' && !isSame) {
      await this.#purse.decide(given(done.entry, this.#clock.wall()));
      return refuse('payment_returned', 'the price has changed: the token was given back');
    }
    return this.#answer(entry.id, done);
  }

  /** The same device has lost its key, as a page does that is opened again: the token waits for it all the same. */
  async #moved(entry: Entry, key: string, mac: Mac): Promise<Entry | undefined> {
    if (entry.mac !== mac || this.#selling.has(entry.id) || this.#sessionOf(entry.key)) return undefined;
    await this.#purse.decide({ ...entry, key });
    return this.#purse.get(entry.id);
  }

  async #answer(id: string, done: Exchanged): Promise<Result<Receipt>> {
    if (done.state === 'pending') {
      return refuse('payment_pending', `${done.why}: the token waits, ask again with the same key`);
    }
    if (done.state === 'refused') {
      await this.#purse.note(id, undefined);
      return done.refusal;
    }
    this.#selling.add(id);
    return { ok: true, value: { reference: id } };
  }

  /** Gives all of it back when nothing was sold and nobody has asked again for a while. */
  async #giveUp(id: string): Promise<void> {
    const entry = this.#purse.get(id);
    if (entry?.state !== 'taken' || entry.bill || this.#selling.has(id)) return;
    const now = this.#clock.wall();
    // The word that it was sold may have been lost.
    if (this.#sessionOf(entry.key)) await this.#purse.note(id, sold(entry, now));
    else if (Math.abs(now - entry.at) >= askAgainMs)
      await this.#purse.decide(given(entry, now)).catch(() => {});
  }
}

const away = refuse(
  'payment_pending',
  'the mint does not answer: the token was not taken, ask again with the same key',
);

function returnedOf(entry: Entry, places: readonly MintPlace[]): Returned[] {
  const proofs = proofsFor(entry, 'customer');
  if (proofs.length === 0) return [];
  const { currency, decimals } = placeOf(places, entry);
  return [
    {
      reference: entry.id,
      money: { currency, decimals, amount: BigInt(worthOf(proofs)) },
      token: tokenOf(entry.mint, entry.unit, proofs),
    },
  ];
}
