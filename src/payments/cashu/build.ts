import { randomBytes } from 'node:crypto';
import { refuse } from '../../domain/refuse.js';
import { requestJson } from '../../http/request.js';
import type { Notice } from '../../ports/notice.js';
import type { Billing, PaymentParts, Payments } from '../../ports/payment-method.js';
import type { Result } from '../../ports/result.js';
import type { SinkStanding } from '../../ports/sink.js';
import { Bills } from './bills.js';
import { Exchange } from './exchange.js';
import { LightningAddress } from './lnurl.js';
import { Mint } from './mint.js';
import { Outlet } from './outlet.js';
import { Payouts } from './payout.js';
import { PayoutBook, payoutFile } from './payout-book.js';
import { Purse } from './purse.js';
import type { CashuConfig } from './section.js';
import { SpendBook, spendFile } from './spend-book.js';
import { PurseSpending } from './spending.js';
import { Sweep } from './sweep.js';
import { CashuTill } from './till.js';

/** Time limit of a call to a mint, in ms: a purchase waits for three of them. */
const callLimitMs = 5_000;
/** How often mints are asked what became of tokens, in ms; sooner while one is away. */
const sweepMs = 600_000;
const awayMs = 30_000;
/** The file beside the journal that holds the money. */
export const purseFile = 'cashu';

/** Takes tokens of the configured mints. @throws `StoreError` when the purse cannot be read */
export async function buildCashu(
  config: CashuConfig,
  parts: PaymentParts,
  request = requestJson,
): Promise<Payments> {
  const { clock, log } = parts;
  const { mints: places } = config;
  const purse = new Purse(await parts.safe(purseFile), log);
  const own = new Set(places.map(({ url }) => url));
  const book = new PayoutBook(await parts.safe(payoutFile));
  // A mint that was taken out of the configuration may have what was paid, or be paid still.
  const left = purse
    .all()
    .filter(({ state }) => state === 'billed' || state === 'asked' || state === 'taken');
  const urls = [...new Set([...own, ...[...left, ...(book.now ? [book.now] : [])].map(({ mint }) => mint)])];
  const mints = new Map(urls.map((url) => [url, new Mint(url, callLimitMs, () => clock.mono(), request)]));
  const wall = () => clock.wall();
  const exchange = new Exchange(purse, wall);
  const sweep = new Sweep(purse, exchange, mints, parts.sessionOf, wall);
  const outlet = new Outlet(purse, places, () => randomBytes(8).toString('hex'));
  const { payout: address, payoutAt: threshold } = config;
  const to = address === undefined ? {} : { to: new LightningAddress(address, request) };
  const payouts = new Payouts({
    ...{ places, mints, purse, exchange, outlet, book, clock, log, threshold },
    ...to,
  });
  const spendBook = new SpendBook(await parts.safe(spendFile), wall);
  const spending = new PurseSpending({
    ...{ places, mints, purse, exchange, outlet, clock, log, book: spendBook },
    newId: () => randomBytes(8).toString('hex'),
  });
  outlet.isTaken = (id) => spending.isTaking(id) || payouts.takes(id);
  const till = new CashuTill(places, mints, purse, exchange, parts, book);
  const bills = new Bills(config, mints, purse, exchange, parts);
  const cashu = new Cashu(
    { till, outlet, sweep, bills, payouts, spending, book, mints, own, purse, parts },
    config.lightning,
  );
  await spending.start();
  await payouts.mend();
  await sweep.ofJournal();
  // A mint may be away for hours: the daemon starts without it.
  void cashu.keepUp();
  // Also where Lightning was switched off: an invoice may have been paid.
  bills.start();
  return cashu;
}

/** What one section `cashu` is made of. */
interface Pieces {
  readonly till: CashuTill;
  readonly outlet: Outlet;
  readonly sweep: Sweep;
  readonly bills: Bills;
  readonly payouts: Payouts;
  readonly spending: PurseSpending;
  readonly book: PayoutBook;
  readonly mints: ReadonlyMap<string, Mint>;
  /** Those that are configured. */
  readonly own: ReadonlySet<string>;
  readonly purse: Purse;
  readonly parts: PaymentParts;
}

/** The mints of one section `cashu`, and what they issued. */
class Cashu implements Payments {
  readonly methods;
  readonly schemes = [];
  readonly billings: readonly Billing[];
  readonly #of: Pieces;
  #isStopped = false;
  #again = () => {};
  #work: Promise<unknown> = Promise.resolve();

  constructor(pieces: Pieces, takesLightning: boolean) {
    const { till, outlet, bills, spending } = pieces;
    const takeOut = (written: string | undefined) => outlet.next(written);
    this.methods = [Object.assign(till, { takeOut, spending })];
    this.billings = takesLightning ? [bills] : [];
    this.#of = pieces;
  }

  get #own(): Mint[] {
    const { mints, own } = this.#of;
    return [...mints.values()].filter(({ url }) => own.has(url));
  }

  get standing(): SinkStanding {
    const { purse, payouts } = this.#of;
    const backlog = purse.all().filter(({ state }) => state === 'asked').length;
    const mints = this.#own;
    const error = mints.flatMap(({ url, trouble }) => (trouble ? [`${url}: ${trouble}`] : [])).join('; ');
    if (error !== '') return { state: 'down', backlog, error };
    return {
      state: mints.some(({ trouble }) => trouble === undefined) ? 'connecting' : 'up',
      backlog,
      error: payouts.trouble === '' ? '' : `payout: ${payouts.trouble}`,
    };
  }

  hear({ type }: Notice): void {
    if (type !== 'session.closed') return;
    this.#work = this.#work.then(() => this.#of.sweep.ofJournal());
  }

  async test(): Promise<Result<string>> {
    const mints = this.#own;
    for (const mint of mints) {
      const answer = await mint.keysets(true);
      if (!answer.ok) return refuse('upstream_silent', `${mint.url}: ${answer.message}`);
    }
    return { ok: true, value: mints.map(({ url }) => url).join(', ') };
  }

  /** Asks the mints what became of tokens, again and again, and pays out what was earned. */
  async keepUp(): Promise<void> {
    const { mints: at, sweep, payouts, spending, parts } = this.#of;
    for (const mint of at.values()) await mint.keysets(mint.trouble !== '');
    if (!this.#isStopped) await sweep.ofMints();
    if (!this.#isStopped) await spending.mend();
    if (!this.#isStopped) await payouts.work();
    if (this.#isStopped) return;
    const isSoon = payouts.isUnderWay || this.#own.some(({ trouble }) => trouble);
    this.#again = parts.clock.after(isSoon ? awayMs : sweepMs, () => void this.keepUp());
  }

  async stop(forGood: boolean): Promise<void> {
    const { bills, purse, book, spending, parts } = this.#of;
    this.#isStopped = true;
    this.#again();
    bills.stop();
    await this.#work;
    await book.close();
    await purse.close();
    await spending.stop();
    const held = purse.all().length;
    if (forGood && held > 0) {
      parts.log('error', `cashu: ${held} tokens are in the purse, and nobody asks for them now`);
    }
  }
}
