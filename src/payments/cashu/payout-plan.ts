import { randomBytes } from 'node:crypto';
import type { Clock } from '../../ports/clock.js';
import { type Entry, proofsFor, worthOf } from './entry.js';
import { type Exchange, feeOf } from './exchange.js';
import type { LightningAddress } from './lnurl.js';
import { askMelt } from './melt.js';
import type { Keyset, Mint } from './mint.js';
import type { Payout } from './payout-book.js';
import type { MintPlace } from './section.js';

/** How long a quote without an end may be paid, in ms. */
const quoteMs = 600_000;
/** Of the first guess at what can arrive, a part is kept for fees. */
const feeShare = 0.01;
/** The most that a mint may keep ready for fees: a share of what arrives, or so many satoshis. */
const mostFeeShare = 0.05;
const mostFee = 20;
/** How often the amount is made smaller until the mint's fee fits. */
const mostGuesses = 4;

/** What a payment is planned with. */
interface Planning {
  readonly exchange: Exchange;
  readonly clock: Clock;
  readonly mints: ReadonlyMap<string, Mint>;
}

/**
 * A payment that the mint can make from what is the seller's of these entries; in words, why there is none. It takes no more
 * of them than it needs: of what a mint is given too much, it is trusted to give back the rest.
 */
export async function plannedBy(
  { exchange, clock, mints }: Planning,
  to: LightningAddress,
  { url, unit }: MintPlace,
  entries: readonly Entry[],
): Promise<Payout | string> {
  const mint = mints.get(url)!;
  const keysets = await mint.keysets();
  if (!keysets.ok) return keysets.message;
  const { budget } = sumOf(entries, keysets.value);
  let guess = Math.floor(budget * (1 - feeShare));
  for (let turn = 0; turn < mostGuesses && guess > 0; turn++) {
    const asked = await to.invoice(guess);
    if (!asked.ok) return asked.message;
    const { sats, invoice } = asked.value;
    const quote = await askMelt(mint, invoice, unit);
    if (!quote.ok) return quote.message;
    const { amount, reserve, expires = clock.wall() + quoteMs } = quote.value;
    if (amount !== sats) return 'the mint would pay another amount than the invoice says';
    if (reserve > Math.max(mostFee, amount * mostFeeShare)) return `the mint wants ${reserve} sat for fees`;
    const rest = budget - amount - reserve;
    if (rest < 0) {
      guess = sats + rest;
      continue;
    }
    const taken = enough(entries, amount + reserve, keysets.value);
    const { inputs, budget: given } = sumOf(taken, keysets.value);
    const blanks = given - amount > 0 ? (given - amount).toString(2).length : 0;
    const parts = [{ steps: 0, amounts: new Array<number>(blanks).fill(1) }];
    const outputs = blanks > 0 ? await exchange.outputs(mint, { unit, parts }) : [];
    if (!outputs) return 'the mint does not answer';
    return {
      ...{ id: randomBytes(8).toString('hex'), mint: url, unit, amount, quote: quote.value.quote },
      ...{ until: expires, entries: taken.map(({ id }) => id), inputs, outputs },
    };
  }
  return 'the fees are more than there is';
}

/** What is the seller's of these, and what it is worth after the mint's fee. */
function sumOf(entries: readonly Entry[], keysets: readonly Keyset[]) {
  const inputs = entries.flatMap((entry) => proofsFor(entry, 'seller'));
  return { inputs, budget: worthOf(inputs) - feeOf(inputs, keysets) };
}

/** The fewest of them, from the first one on, that are worth so much; all together are. */
function enough(entries: readonly Entry[], worth: number, keysets: readonly Keyset[]): readonly Entry[] {
  const least = entries.findIndex((_, at) => sumOf(entries.slice(0, at + 1), keysets).budget >= worth);
  return least < 0 ? entries : entries.slice(0, least + 1);
}
