import type { Output, Proof, Signature } from './ecash.js';
import { type Answer, blinded, type Mint } from './mint.js';

/** How far a payment of the mint's has come (NUT-05). */
export type MeltState = 'UNPAID' | 'PENDING' | 'PAID';

/** The mint's word on a Lightning invoice that it is to pay. */
export interface MeltQuote {
  readonly quote: string;
  /** What arrives, in the unit. */
  readonly amount: number;
  /** What is kept ready for fees; the rest of it comes back. */
  readonly reserve: number;
  readonly state: MeltState;
  /** Wall clock, ms since 1970; absent where the mint says none. */
  readonly expires?: number;
  /** Signatures for what came back, in the order of the outputs (NUT-08). Absent where none are in the answer. */
  readonly change?: readonly Signature[];
}

const path = '/v1/melt/quote/bolt11';

/** Asks what it costs to have an invoice paid. */
export async function askMelt(mint: Mint, request: string, unit: string): Promise<Answer<MeltQuote>> {
  return read(mint, await mint.ask(path, { request, unit }));
}

/** How the payment stands. */
export async function lookUpMelt(mint: Mint, quote: string): Promise<Answer<MeltQuote>> {
  return read(mint, await mint.ask(`${path}/${encodeURIComponent(quote)}`));
}

/** Has the invoice paid. @param outputs in which more than was needed comes back; the mint writes their amounts */
export async function melt(
  mint: Mint,
  quote: string,
  inputs: readonly Proof[],
  outputs: readonly Output[],
): Promise<Answer<MeltQuote>> {
  const asked = { quote, inputs, ...(outputs.length > 0 && { outputs: outputs.map(blinded) }) };
  return read(mint, await mint.ask('/v1/melt/bolt11', asked));
}

/** What the mint has signed of these outputs, each by its place. */
export async function changeOf(
  mint: Mint,
  outputs: readonly Output[],
): Promise<Answer<readonly (Signature | undefined)[]>> {
  if (outputs.length === 0) return { ok: true, value: [] };
  const answer = await mint.ask('/v1/restore', { outputs: outputs.map(blinded) });
  if (!answer.ok) return answer;
  const { outputs: found, signatures } = answer.value as { outputs?: unknown; signatures?: unknown };
  if (!Array.isArray(found) || !Array.isArray(signatures) || found.length !== signatures.length) {
    return mint.odd('restore');
  }
  const by = new Map(found.map((one: { B_?: unknown } | null, at) => [one?.B_, signatures[at]]));
  return { ok: true, value: outputs.map(({ B_ }) => by.get(B_) as Signature | undefined) };
}

function read(mint: Mint, answer: Answer<object>): Answer<MeltQuote> {
  if (!answer.ok) return answer;
  const { quote, amount, fee_reserve, state, expiry, change } = answer.value as Record<string, unknown>;
  const areNumbers = [amount, fee_reserve].every((one) => Number.isSafeInteger(one) && (one as number) >= 0);
  const isState = ['UNPAID', 'PENDING', 'PAID'].includes(state as string);
  if (typeof quote !== 'string' || !areNumbers || !isState) return mint.odd('melt');
  return {
    ok: true,
    value: {
      ...{ quote, amount: amount as number, reserve: fee_reserve as number, state: state as MeltState },
      ...(Number.isSafeInteger(expiry) && (expiry as number) > 0 && { expires: (expiry as number) * 1000 }),
      ...(Array.isArray(change) && { change: change as Signature[] }),
    },
  };
}
