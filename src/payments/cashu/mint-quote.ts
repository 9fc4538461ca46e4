import type { Output, Signature } from './ecash.js';
import { type Answer, blinded, type Mint, signaturesOf } from './mint.js';

/** How far a mint's invoice has come (NUT-23). `ISSUED`: what was paid has been signed for. */
export type QuoteState = 'UNPAID' | 'PAID' | 'ISSUED';

/** An invoice of a mint: who pays it may have so much signed (NUT-04). */
export interface MintQuote {
  readonly quote: string;
  /** The Lightning invoice. */
  readonly request: string;
  readonly state: QuoteState;
  /** Wall clock, ms since 1970; absent for one that does not expire. */
  readonly expires?: number;
}

const path = '/v1/mint/quote/bolt11';

/** Asks for an invoice over an amount, in the unit. */
export async function askQuote(mint: Mint, amount: number, unit: string): Promise<Answer<MintQuote>> {
  return read(mint, await mint.ask(path, { amount, unit }));
}

/** How an invoice stands. */
export async function lookUp(mint: Mint, quote: string): Promise<Answer<MintQuote>> {
  return read(mint, await mint.ask(`${path}/${encodeURIComponent(quote)}`));
}

/** Has what was paid signed for. */
export async function redeem(
  mint: Mint,
  quote: string,
  outputs: readonly Output[],
): Promise<Answer<readonly Signature[]>> {
  const answer = await mint.ask('/v1/mint/bolt11', { quote, outputs: outputs.map(blinded) });
  if (!answer.ok) return answer;
  const signatures = signaturesOf(answer.value, outputs);
  return signatures ? { ok: true, value: signatures } : mint.odd('mint');
}

function read(mint: Mint, answer: Answer<object>): Answer<MintQuote> {
  if (!answer.ok) return answer;
  const { quote, request, state, expiry } = answer.value as Record<string, unknown>;
  const areTexts = [quote, request].every(
    (one) => typeof one === 'string' && /^[\x21-\x7e]{1,2100}$/.test(one),
  );
  if (!areTexts || !['UNPAID', 'PAID', 'ISSUED'].includes(state as string)) return mint.odd('quote');
  const expires =
    Number.isSafeInteger(expiry) && (expiry as number) > 0 ? (expiry as number) * 1000 : undefined;
  return {
    ok: true,
    value: {
      ...{ quote: quote as string, request: request as string, state: state as QuoteState },
      ...(expires !== undefined && { expires }),
    },
  };
}
