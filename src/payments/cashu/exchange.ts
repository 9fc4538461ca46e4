import { refuse } from '../../domain/refuse.js';
import type { Refusal } from '../../ports/result.js';
import { type Output, outputsOf, type Proof, proofsOf, type Signature, unblinded, yOf } from './ecash.js';
import { type Entry, taken } from './entry.js';
import type { Keyset, Mint, MintFailure } from './mint.js';
import type { Purse } from './purse.js';
import type { TokenRead } from './token.js';

/** Codes of a mint's refusals (NUT error codes). */
export const codes = {
  /** Of outputs, and of an invoice. */
  signed: 10002,
  issued: 20002,
  spent: 11001,
  pending: 11002,
  unknownKeyset: 12001,
  inactiveKeyset: 12002,
  expiredKeyset: 12003,
};
/** The mint has changed its keys. */
export const rotated: readonly number[] = [codes.unknownKeyset, codes.inactiveKeyset, codes.expiredKeyset];

/** What came of asking the mint for a token that is in the purse. A refusal means that nothing was taken. */
export type Exchanged =
  | { readonly state: 'taken'; readonly entry: Entry }
  /** Whoever pays has to ask again. */
  | { readonly state: 'pending'; readonly why: string }
  | { readonly state: 'refused'; readonly refusal: Refusal };

/** What the mint says of a token that it was asked for before. */
type Found = Exchanged | { readonly state: 'unspent' };

/** A token's proofs with what they are worth. */
export interface Appraised {
  readonly proofs: readonly Proof[];
  /** After the mint's fee, in the unit. */
  readonly worth: number;
}

/** Swaps customers' proofs for the router's own, so that no answer of the mint that is lost costs anybody money. */
export class Exchange {
  readonly #purse: Purse;
  readonly #now: () => number;

  /** @param now wall clock, ms since 1970 */
  constructor(purse: Purse, now: () => number) {
    this.#purse = purse;
    this.#now = now;
  }

  /** What a token is worth, by the mint's keysets. `undefined`: the mint does not answer. */
  async appraise(mint: Mint, token: TokenRead): Promise<Appraised | Refusal | undefined> {
    for (const anew of [false, true]) {
      const keysets = await mint.keysets(anew);
      if (!keysets.ok) return undefined;
      const known = keysets.value.filter(({ unit }) => unit === token.place.unit);
      const proofs = readProofs(token.text, known);
      if (!proofs) continue;
      const worth = token.value - feeOf(proofs, known);
      return worth > 0
        ? { proofs, worth }
        : refuse('payment_short', 'the token is worth no more than the mint’s fee');
    }
    return refuse('bad_payment', 'the token names keys that its mint does not have');
  }

  /** Fresh outputs for the parts of an entry; undefined while the mint is away. */
  async outputs(
    mint: Mint,
    entry: Pick<Entry, 'unit' | 'parts'>,
    anew = false,
  ): Promise<Output[] | undefined> {
    const keysets = await mint.keysets(anew);
    if (!keysets.ok) return undefined;
    const usable = keysets.value.filter(({ unit, active }) => active && unit === entry.unit);
    const [best] = usable.sort((a, b) => a.fee - b.fee);
    if (!best) return undefined;
    // Asked for beforehand: without them no signature can be made a proof.
    const keys = await mint.keys(best.id);
    const amounts = entry.parts.flatMap((part) => part.amounts);
    if (!keys.ok || amounts.some((amount) => keys.value[amount] === undefined)) return undefined;
    return outputsOf(amounts, best.id);
  }

  /** Asks for the first time. The entry is in the safe. @throws what the safe throws */
  async swap(mint: Mint, entry: Entry): Promise<Exchanged> {
    const answer = await mint.swap(entry.inputs, entry.tries.at(-1)!);
    if (answer.ok) return this.take(mint, entry, entry.tries.at(-1)!, answer.value);
    if (answer.silent || answer.code === codes.pending) return pendingAt(answer);
    if (rotated.includes(answer.code) && entry.tries.length < mostTries) return this.#swapAnew(mint, entry);
    // Tokens may be spent because an earlier try was carried out after all.
    if (answer.code === codes.spent || entry.tries.length > 1) {
      const found = await this.recover(mint, entry);
      if (found.state !== 'unspent') return found;
    }
    return {
      state: 'refused',
      refusal: refuse('payment_rejected', `the mint refuses the token: ${answer.message}`),
    };
  }

  /** Asks again for a token whose answer may have been lost. @throws what the safe throws */
  async again(mint: Mint, entry: Entry): Promise<Exchanged> {
    const found = await this.recover(mint, entry);
    if (found.state !== 'unspent') return found;
    const swapped = await this.swap(mint, entry);
    // An earlier request may still be on its way to the mint, so this refusal is not the last word.
    return swapped.state === 'refused' && swapped.refusal.code !== 'token_spent'
      ? { state: 'pending', why: swapped.refusal.message }
      : swapped;
  }

  /** Finds out what became of a token, and takes what was signed. Asks the mint for nothing new. */
  async recover(mint: Mint, entry: Entry): Promise<Found> {
    // First of all: what is unspent now may be spent by an answer on its way, but what is spent has been signed.
    const states = await mint.states(entry.inputs.map(({ secret }) => yOf(secret)));
    if (!states.ok) return pendingAt(states);
    if (states.value.includes('PENDING')) return { state: 'pending', why: 'the mint is at work on it' };
    if (!states.value.includes('SPENT')) return { state: 'unspent' };
    for (const outputs of entry.tries) {
      const restored = await mint.restore(outputs);
      if (!restored.ok) return pendingAt(restored);
      if (restored.value) return this.take(mint, entry, outputs, restored.value);
    }
    return { state: 'refused', refusal: refuse('token_spent', 'the token was spent before') };
  }

  /** The mint has other keys than it had: new outputs are written down and signed. */
  async #swapAnew(mint: Mint, entry: Entry): Promise<Exchanged> {
    const outputs = await this.outputs(mint, entry, true);
    if (!outputs) return { state: 'pending', why: 'the mint has changed its keys' };
    const next = { ...entry, tries: [...entry.tries, outputs] };
    await this.#purse.decide(next);
    return this.swap(mint, next);
  }

  /** Keeps what was signed. @throws what the safe throws */
  async take(
    mint: Mint,
    entry: Entry,
    outputs: readonly Output[],
    signatures: readonly Signature[],
  ): Promise<Exchanged> {
    const keys = await mint.keys(outputs[0]!.id);
    if (!keys.ok) return pendingAt(keys);
    try {
      const proofs = outputs.map((output, at) => unblinded(output, signatures[at]!, keys.value));
      const next = taken(entry, proofs, this.#now());
      await this.#purse.decide(next);
      return { state: 'taken', entry: next };
    } catch (cause) {
      if (String((cause as { code?: unknown }).code).startsWith('storage_')) throw cause;
      return { state: 'pending', why: 'the mint’s signatures make no sense' };
    }
  }
}

/** How often new outputs are made for one token: keys change seldom. */
const mostTries = 4;

function pendingAt({ message }: MintFailure): { state: 'pending'; why: string } {
  return { state: 'pending', why: message };
}

/** The fee for spending these proofs, in the unit (NUT-02). */
export function feeOf(proofs: readonly Pick<Proof, 'id'>[], keysets: readonly Keyset[]): number {
  const fees = new Map(keysets.map(({ id, fee }) => [id, fee]));
  return Math.ceil(proofs.reduce((sum, { id }) => sum + (fees.get(id) ?? 0), 0) / 1000);
}

/** Undefined when a proof names a keyset that is not among these. */
function readProofs(text: string, keysets: readonly Keyset[]): Proof[] | undefined {
  const ids = keysets.map(({ id }) => id);
  try {
    const proofs = proofsOf(text, ids);
    return proofs.every(({ id }) => ids.includes(id)) ? proofs : undefined;
  } catch {
    return undefined;
  }
}
