import { HttpError, requestJson } from '../../http/request.js';
import type { Keys, Output, Proof, Signature } from './ecash.js';

/** How long keysets are believed without being asked for again, in ms. */
const keysetsMs = 3_600_000;

/** A keyset as a mint lists it (NUT-02). */
export interface Keyset {
  readonly id: string;
  readonly unit: string;
  readonly active: boolean;
  /** Thousandths of the unit, for each proof that is spent. */
  readonly fee: number;
}

/** `silent`: nobody can say whether the mint did what it was asked. Otherwise `code` is its own (NUT-00 error codes). */
export type MintFailure =
  | { readonly ok: false; readonly silent: true; readonly message: string }
  | { readonly ok: false; readonly silent: false; readonly code: number; readonly message: string };

/** What a mint answers. */
export type Answer<T> = { readonly ok: true; readonly value: T } | MintFailure;

/** The state of a proof (NUT-07). */
export type ProofState = 'UNSPENT' | 'PENDING' | 'SPENT';

/** A mint, asked over HTTP. Nothing is tried twice here: whoever asks knows what may be lost. */
export class Mint {
  readonly url: string;
  readonly #timeoutMs: number;
  readonly #now: () => number;
  readonly #request: typeof requestJson;
  #keysets: readonly Keyset[] | undefined;
  #askedAt = 0;
  readonly #keys = new Map<string, Keys>();
  /** Why it did not answer last; empty when it did, undefined when it was never asked. */
  trouble: string | undefined;

  /** @param now monotonic clock, in ms */
  constructor(url: string, timeoutMs: number, now: () => number, request = requestJson) {
    this.url = url;
    this.#timeoutMs = timeoutMs;
    this.#now = now;
    this.#request = request;
  }

  /** All keysets, active or not. `anew`: those that are known are out of date. */
  async keysets(anew = false): Promise<Answer<readonly Keyset[]>> {
    const isFresh = this.#keysets && this.#now() - this.#askedAt < keysetsMs;
    if (isFresh && !anew) return { ok: true, value: this.#keysets! };
    const answer = await this.ask('/v1/keysets');
    const found = answer.ok ? readKeysets(answer.value) : undefined;
    if (!found) {
      // Old ones are better than none: the mint refuses what is not valid any more.
      if (this.#keysets && !anew) return { ok: true, value: this.#keysets };
      return answer.ok ? this.odd('keysets') : answer;
    }
    this.#keysets = found;
    this.#askedAt = this.#now();
    return { ok: true, value: found };
  }

  async keys(keyset: string): Promise<Answer<Keys>> {
    const known = this.#keys.get(keyset);
    if (known) return { ok: true, value: known };
    const answer = await this.ask(`/v1/keys/${encodeURIComponent(keyset)}`);
    if (!answer.ok) return answer;
    const sets = (answer.value as { keysets?: ({ id?: unknown; keys?: unknown } | null)[] }).keysets;
    const keys = Array.isArray(sets) ? sets.find((one) => one?.id === keyset)?.keys : undefined;
    if (typeof keys !== 'object' || keys === null) return this.odd('keys');
    this.#keys.set(keyset, keys as Keys);
    return { ok: true, value: keys as Keys };
  }

  /** Spends proofs for new ones of the same value less the fee (NUT-03). */
  async swap(inputs: readonly Proof[], outputs: readonly Output[]): Promise<Answer<readonly Signature[]>> {
    const answer = await this.ask('/v1/swap', { inputs, outputs: outputs.map(blinded) });
    if (!answer.ok) return answer;
    const signatures = signaturesOf(answer.value, outputs);
    return signatures ? { ok: true, value: signatures } : this.odd('swap');
  }

  /** Signatures that were made of these outputs; undefined when there are none (NUT-09). */
  async restore(outputs: readonly Output[]): Promise<Answer<readonly Signature[] | undefined>> {
    const answer = await this.ask('/v1/restore', { outputs: outputs.map(blinded) });
    if (!answer.ok) return answer;
    const { outputs: found, signatures } = answer.value as { outputs?: unknown; signatures?: unknown };
    if (!Array.isArray(found) || !Array.isArray(signatures) || found.length !== signatures.length) {
      return this.odd('restore');
    }
    const by = new Map(found.map((one: { B_?: unknown }, at) => [one?.B_, signatures[at]]));
    if (by.size === 0) return { ok: true, value: undefined };
    const ours = signaturesOf({ signatures: outputs.map(({ B_ }) => by.get(B_)) }, outputs);
    return ours ? { ok: true, value: ours } : this.odd('restore');
  }

  /** The states of proofs, by their Y, in order. */
  async states(ys: readonly string[]): Promise<Answer<readonly ProofState[]>> {
    const answer = await this.ask('/v1/checkstate', { Ys: ys });
    if (!answer.ok) return answer;
    const { states } = answer.value as { states?: { Y?: unknown; state?: unknown }[] };
    const by = new Map(Array.isArray(states) ? states.map((one) => [one?.Y, one?.state]) : []);
    const found = ys.map((y) => by.get(y));
    const isWhole = found.every((state) => ['UNSPENT', 'PENDING', 'SPENT'].includes(state as string));
    return isWhole ? { ok: true, value: found as ProofState[] } : this.odd('checkstate');
  }

  /** Asks for JSON at a path of the mint. */
  async ask(path: string, body?: object): Promise<Answer<object>> {
    try {
      const json = body && JSON.stringify(body);
      const reply = await this.#request(`${this.url}${path}`, this.#timeoutMs, json);
      const answer = answerOf(reply);
      this.trouble = answer.ok || !answer.silent || isOther(reply.status) ? '' : answer.message;
      return answer;
    } catch (cause) {
      if (!(cause instanceof HttpError)) throw cause;
      this.trouble = cause.message;
      return { ok: false, silent: true, message: cause.message };
    }
  }

  /** An answer that cannot be read: nobody can say what was done. */
  odd(what: string): MintFailure {
    this.trouble = `its answer to ${what} makes no sense`;
    return { ok: false, silent: true, message: this.trouble };
  }
}

/** Only a refusal in the mint's own words is one: a proxy, or a mint in trouble, says nothing of what was done. */
function answerOf({ status, body }: { status: number; body: unknown }): Answer<object> {
  const isObject = typeof body === 'object' && body !== null;
  if (status === 200 && isObject) return { ok: true, value: body };
  const { code, detail } = (isObject ? body : {}) as { code?: unknown; detail?: unknown };
  if (status === 400 && typeof code === 'number') {
    const said = typeof detail === 'string' ? detail.replace(/[^\x20-\x7e]/g, ' ').slice(0, 120) : '';
    return { ok: false, silent: false, code, message: said || `code ${code}` };
  }
  return { ok: false, silent: true, message: `it answers with status ${status}` };
}

/** The mint is there and does not do such things, as one without Lightning; too many requests are trouble. */
function isOther(status: number): boolean {
  return status >= 400 && status < 500 && status !== 408 && status !== 429;
}

/** An output as a mint is shown it. */
export function blinded({ id, amount, B_ }: Output): object {
  return { id, amount, B_ };
}

function readKeysets(reply: object): Keyset[] | undefined {
  const { keysets } = reply as { keysets?: unknown };
  if (!Array.isArray(keysets)) return undefined;
  return keysets.flatMap((one: Record<string, unknown> | null) => {
    const { id, unit, active, input_fee_ppk: fee = 0 } = one ?? {};
    const isOne = typeof id === 'string' && typeof unit === 'string' && Number.isSafeInteger(fee);
    return isOne && (fee as number) >= 0 ? [{ id, unit, active: active === true, fee: fee as number }] : [];
  });
}

/** A signature for each output, in order; undefined when they do not fit. */
export function signaturesOf(reply: object, outputs: readonly Output[]): Signature[] | undefined {
  const { signatures } = reply as { signatures?: unknown };
  if (!Array.isArray(signatures) || signatures.length !== outputs.length) return undefined;
  const fits = outputs.every(({ id, amount }, at) => {
    const one = signatures[at] as Partial<Record<keyof Signature, unknown>> | null | undefined;
    return one?.id === id && Number(one.amount) === amount && typeof one.C_ === 'string';
  });
  return fits ? (signatures as Signature[]) : undefined;
}
