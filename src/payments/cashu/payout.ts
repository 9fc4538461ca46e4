import type { Mac } from '../../domain/mac.js';
import type { Clock } from '../../ports/clock.js';
import type { Log } from '../../ports/log.js';
import { type Proof, type Signature, unblinded, yOf } from './ecash.js';
import { type Entry, proofsFor, without, worthOf } from './entry.js';
import type { Exchange } from './exchange.js';
import type { LightningAddress } from './lnurl.js';
import { changeOf, lookUpMelt, type MeltQuote, melt } from './melt.js';
import type { Mint } from './mint.js';
import { fitting, type Outlet } from './outlet.js';
import type { Payout, PayoutBook } from './payout-book.js';
import { plannedBy } from './payout-plan.js';
import type { Purse } from './purse.js';
import type { MintPlace } from './section.js';

/** A payment that failed is tried again after this long, twice as long each time, in ms. */
const pauseMs = 600_000;
const longestPauseMs = 86_400_000;
/** How much longer than the end of a quote an answer may be on its way, in ms. */
const graceMs = 600_000;

/** What a {@link Payouts} works with. */
export interface PayoutParts {
  readonly places: readonly MintPlace[];
  readonly mints: ReadonlyMap<string, Mint>;
  readonly purse: Purse;
  readonly exchange: Exchange;
  readonly outlet: Outlet;
  readonly book: PayoutBook;
  readonly clock: Clock;
  readonly log: Log;
  /** Where to; absent where nothing more is paid out. What is under way comes to its end all the same. */
  readonly to?: LightningAddress;
  /** The least that is paid out, in satoshis. */
  readonly threshold: number;
}

/** Sends what the seller has earned to a Lightning address: one payment at a time, and none twice. */
export class Payouts {
  readonly #parts: PayoutParts;
  #working: Promise<void> | undefined;
  /** Entries of a payment that is not written down yet. */
  #planned: ReadonlySet<string> = new Set();
  /** The place at which the next payment is looked for first: one whose payments fail keeps no other from its turn. */
  #next = 0;
  #failures = 0;
  /** Monotonic, in ms: no payment begins before. */
  #notBefore = 0;
  /** Why the last one failed, or waits; empty when nothing is amiss. */
  trouble = '';

  constructor(parts: PayoutParts) {
    this.#parts = parts;
  }

  /** This entry's money is on its way, or about to be. */
  takes(id: string): boolean {
    return this.#planned.has(id) || (this.#parts.book.now?.entries.includes(id) ?? false);
  }

  get isUnderWay(): boolean {
    return this.#parts.book.now !== undefined;
  }

  /** Writes down what was paid before a crash: nothing else may touch the purse before. */
  async mend(): Promise<void> {
    const { now } = this.#parts.book;
    if (now?.change) await this.work();
  }

  /** Brings the payment that is under way further, or begins one; two calls at once are one. Never rejects. */
  work(): Promise<void> {
    this.#working ??= this.#work().finally(() => {
      this.#working = undefined;
    });
    return this.#working;
  }

  async #work(): Promise<void> {
    try {
      const { now } = this.#parts.book;
      if (now) await this.#follow(now);
      else await this.#begin();
    } catch (cause) {
      this.#failed((cause as Error).message);
    }
  }

  async #begin(): Promise<void> {
    const { to, places, threshold, outlet, clock } = this.#parts;
    if (!to || clock.mono() < this.#notBefore) return;
    const own = places.filter(({ unit }) => unit === 'sat');
    let why: string | undefined;
    for (const place of [...own.slice(this.#next), ...own.slice(0, this.#next)]) {
      const entries = outlet.payable(place.url, place.unit);
      if (worthOf(entries.flatMap((entry) => proofsFor(entry, 'seller'))) < threshold) continue;
      this.#next = (own.indexOf(place) + 1) % own.length;
      const payout = await this.#plan(to, place, fitting(entries));
      if (typeof payout !== 'string') return this.#pay(payout);
      why ??= payout;
    }
    if (why !== undefined) this.#failed(why);
  }

  /** A payment, which is on the disk; in words, why there is none. Until then nobody takes its money out beside it. */
  async #plan(to: LightningAddress, place: MintPlace, entries: readonly Entry[]): Promise<Payout | string> {
    this.#planned = new Set(entries.map(({ id }) => id));
    try {
      const payout = await plannedBy(this.#parts, to, place, entries);
      if (typeof payout !== 'string') await this.#parts.book.write(payout);
      return payout;
    } finally {
      this.#planned = new Set();
    }
  }

  /** Asks the mint to pay. The payment is on the disk, so that a lost answer is asked for again, and not paid again. */
  async #pay(payout: Payout): Promise<void> {
    const mint = this.#parts.mints.get(payout.mint);
    if (!mint) return;
    const answer = await melt(mint, payout.quote, payout.inputs, payout.outputs);
    if (answer.ok) return this.#heard(payout, mint, answer.value, true);
    if (!answer.silent) return this.#follow(payout, answer.message);
    this.trouble = answer.message;
  }

  /** @param refusal of the mint, to a request that was heard just now */
  async #follow(payout: Payout, refusal?: string): Promise<void> {
    const mint = this.#parts.mints.get(payout.mint);
    if (payout.change) return this.#settle(payout, payout.change);
    if (!mint) return;
    const found = await lookUpMelt(mint, payout.quote);
    if (found.ok) return this.#heard(payout, mint, found.value, refusal !== undefined, refusal);
    if (found.silent) this.trouble = found.message;
    else await this.#unpaid(payout, mint, true, found.message);
  }

  /** @param isDecided no request of ours can be on its way */
  async #heard(payout: Payout, mint: Mint, said: MeltQuote, isDecided: boolean, why = ''): Promise<void> {
    this.trouble = 'a payment is under way';
    if (said.state === 'PENDING') return;
    if (said.state === 'UNPAID') {
      return this.#unpaid(payout, mint, isDecided, why || 'the mint could not pay the invoice');
    }
    const signed = said.change
      ? { ok: true as const, value: said.change }
      : await changeOf(mint, payout.outputs);
    const change = signed.ok && (await this.#change(payout, mint, signed.value));
    if (!change) return;
    const paid = { ...payout, change };
    await this.#parts.book.write(paid);
    await this.#settle(paid, change);
  }

  /** What came back; undefined while the mint's keys are not to be had. */
  async #change(
    { outputs }: Payout,
    mint: Mint,
    signatures: readonly (Signature | undefined)[],
  ): Promise<Proof[] | undefined> {
    if (outputs.length === 0) return [];
    const keys = await mint.keys(outputs[0]!.id);
    if (!keys.ok) return undefined;
    return outputs.flatMap((output, at) => {
      const signature = signatures[at];
      const amount = Number(signature?.amount);
      if (!signature || !(amount > 0) || keys.value[amount] === undefined) return [];
      try {
        return [unblinded({ ...output, amount }, { ...signature, amount }, keys.value)];
      } catch {
        // It will not get better, and the payment is made.
        this.#parts.log('error', `payout: ${amount} sat of change are lost: the mint’s signature is none`);
        return [];
      }
    });
  }

  /** The money is still here, or its proofs were spent elsewhere; or else a request may still be on its way. */
  async #unpaid(payout: Payout, mint: Mint, isDecided: boolean, why: string): Promise<void> {
    const { purse, clock, book } = this.#parts;
    const states = await mint.states(payout.inputs.map(({ secret }) => yOf(secret)));
    if (!states.ok || states.value.includes('PENDING')) return;
    const spent = new Set(payout.inputs.filter((_, at) => states.value[at] === 'SPENT').map((p) => p.secret));
    const isLate = clock.wall() > payout.until + graceMs;
    if (spent.size === 0 && !isDecided && !isLate) return this.#pay(payout);
    for (const id of spent.size > 0 ? payout.entries : []) await this.#takeAway(id, spent);
    if (spent.size > 0) this.#parts.log('error', 'payout: coins of the purse were spent elsewhere');
    await purse.writeAgain();
    await book.end(0);
    this.#failed(why);
  }

  /** Tells the purse what was paid. Each step may have been done before a crash. */
  async #settle(
    { id, entries, inputs, mint, unit, amount }: Payout,
    change: readonly Proof[],
  ): Promise<void> {
    const { purse, book, clock, log } = this.#parts;
    const gone = new Set(inputs.map(({ secret }) => secret));
    for (const one of entries) await this.#takeAway(one, gone);
    if (change.length > 0) {
      const entry: Entry = {
        ...{ id: `payout-${id}`, state: 'over', key: '', mac: '' as Mac, at: clock.wall(), mint, unit },
        ...{ steps: 0, unitPrice: 0, worth: worthOf(change), inputs: [], parts: [], tries: [] },
        pieces: [{ steps: 0, proofs: change, whose: 'seller' }],
      };
      await purse.inTurn(entry.id, () => purse.decide(entry));
    }
    if (purse.isClosed) return;
    await book.end(amount);
    log('info', `payout: ${amount} ${unit} of ${mint} were paid out`);
    this.#failures = 0;
    this.trouble = '';
  }

  async #takeAway(id: string, gone: ReadonlySet<string>): Promise<void> {
    const { purse } = this.#parts;
    await purse.inTurn(id, async () => {
      const entry = purse.get(id);
      if (!entry) return;
      const isGone = ({ whose, proofs }: Entry['pieces'][number]) =>
        whose === 'seller' && proofs.length > 0 && proofs.every(({ secret }) => gone.has(secret));
      if (entry.pieces.some(isGone)) await purse.note(id, without(entry, isGone));
    });
  }

  #failed(why: string): void {
    const { clock, log } = this.#parts;
    this.#notBefore = clock.mono() + Math.min(pauseMs * 2 ** this.#failures, longestPauseMs);
    this.#failures += 1;
    if (this.trouble !== why) log('warn', `payout: ${why}`);
    this.trouble = why;
  }
}
