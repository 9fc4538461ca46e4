import type { PaymentPayload, PaymentRequirements } from '@x402/core/types';
import { HttpError, type HttpReply, requestJson } from '../../http/request.js';
import { fieldsOf, wordOf } from './fields.js';
import { plainText } from './plain-text.js';
import type { Hex } from './typed-data.js';

/** One server of the x402 facilitator API. */
export interface FacilitatorAddress {
  readonly url: string;
  /** Such as `authorization`. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** A facilitator's no: its word of the API, and the same with what it adds for people. */
export interface Said<Is> {
  readonly is: Is;
  readonly reason: string;
  readonly detail: string;
}

/** What became of `POST /verify`. `unknown`: nobody answers, or with something that is no answer. */
export type Verified =
  | { readonly is: 'valid' }
  | Said<'invalid'>
  | { readonly is: 'unknown'; readonly detail: string };

/**
 * What a facilitator answered to `POST /settle`. `refused`: it did not send anything, and says why. `unsent`: no
 * facilitator got the request. `unknown`: the payment may have been sent or not. A transaction in the answer is only a
 * claim until the chain shows it.
 */
export type Settled =
  | { readonly is: 'settled'; readonly transaction: Hex }
  | Said<'refused'>
  | { readonly is: 'unsent' }
  | { readonly is: 'unknown'; readonly detail: string };

/**
 * The x402 v2 facilitator API (`/verify`, `/settle`, `/supported`), of one facilitator after the other.
 *
 * When no connection can be made, the client asks the next facilitator at once; when an answer is missing or makes no
 * sense, the next call begins with the next facilitator. Two facilitators that settle the same payment do no harm: a
 * chain takes an authorization once. Nothing here throws.
 */
export class FacilitatorClient {
  readonly #facilitators: readonly FacilitatorAddress[];
  readonly #timeoutMs: number;
  readonly #silent: () => void;
  /** Who is asked first. */
  #first = 0;

  /**
   * @param timeoutMs for one request; a facilitator waits for the chain in it. @default 20_000
   * @param silent told that one of them did not answer
   */
  constructor(facilitators: readonly FacilitatorAddress[], timeoutMs = 20_000, silent = () => {}) {
    this.#facilitators = facilitators;
    this.#timeoutMs = timeoutMs;
    this.#silent = silent;
  }

  /** Whether a payment would be settled now, as far as a facilitator can tell. */
  async verify(payload: PaymentPayload, requirements: PaymentRequirements): Promise<Verified> {
    const reply = await this.#ask('/verify', bodyOf(payload, requirements));
    if (reply === 'unsent') return { is: 'unknown', detail: 'no facilitator can be reached' };
    const verified = reply === 'unanswered' ? unanswered : verifiedOf(reply);
    if (verified.is === 'unknown') this.#doubt();
    return verified;
  }

  /** Has a payment, or what follows from one, brought onto the chain. The same again has the same effect. */
  async settle(payload: PaymentPayload, requirements: PaymentRequirements): Promise<Settled> {
    const reply = await this.#ask('/settle', bodyOf(payload, requirements));
    if (reply === 'unsent') return { is: 'unsent' };
    const settled = reply === 'unanswered' ? unanswered : settledOf(reply, requirements.network);
    if (settled.is === 'unknown') this.#doubt();
    return settled;
  }

  /** Whether the facilitator that is asked first serves a scheme on a network; undefined when it does not say. */
  async supports(scheme: string, network: string): Promise<boolean | undefined> {
    const reply = await this.#ask('/supported');
    if (typeof reply === 'string' || reply.status !== 200) return undefined;
    const kinds = fieldsOf(reply.body)?.kinds;
    if (!Array.isArray(kinds)) return undefined;
    return kinds.some((kind) => {
      const fields = fieldsOf(kind);
      return fields?.x402Version === 2 && fields.scheme === scheme && fields.network === network;
    });
  }

  async #ask(path: string, body?: object): Promise<HttpReply | 'unsent' | 'unanswered'> {
    const text = body && JSON.stringify(body);
    for (const { url, headers } of this.#inTurn()) {
      try {
        return await requestJson(url.replace(/\/+$/, '') + path, this.#timeoutMs, text, headers);
      } catch (cause) {
        if (!(cause instanceof HttpError)) throw cause;
        this.#silent();
        if (cause.code === 'unanswered') return 'unanswered';
      }
      this.#turnAway();
    }
    return 'unsent';
  }

  #inTurn(): FacilitatorAddress[] {
    return [...this.#facilitators.slice(this.#first), ...this.#facilitators.slice(0, this.#first)];
  }

  /** What it says makes no sense, or it says nothing: the next one is asked first. */
  #doubt(): void {
    this.#silent();
    this.#turnAway();
  }

  #turnAway(): void {
    this.#first = (this.#first + 1) % this.#facilitators.length;
  }
}

const unanswered = { is: 'unknown', detail: 'the facilitator does not answer' } as const;

function bodyOf(paymentPayload: PaymentPayload, paymentRequirements: PaymentRequirements): object {
  return { x402Version: 2, paymentPayload, paymentRequirements };
}

function verifiedOf({ status, body }: HttpReply): Verified {
  const fields = fieldsOf(body);
  if (fields?.isValid === true && status === 200) return { is: 'valid' };
  if (fields?.isValid === false && status < 500) {
    return said('invalid' as const, fields.invalidReason, fields.invalidMessage);
  }
  return { is: 'unknown', detail: oddly(status) };
}

function settledOf({ status, body }: HttpReply, network: string): Settled {
  const fields = fieldsOf(body);
  if (fields?.success === true && status === 200 && fields.network === network) {
    const transaction = wordOf(fields.transaction);
    return transaction
      ? { is: 'settled', transaction }
      : { is: 'unknown', detail: 'success without a transaction' };
  }
  if (fields?.success !== false || status >= 500) return { is: 'unknown', detail: oddly(status) };
  const refused = said('refused' as const, fields.errorReason, fields.errorMessage);
  const isSent = refused.reason === 'settlement_pending' || Boolean(fields.transaction);
  return isSent ? { is: 'unknown', detail: refused.detail } : refused;
}

function said<Is>(is: Is, reason: unknown, message: unknown): Said<Is> {
  const word = typeof reason === 'string' ? plainText(reason, 100) : 'no_reason';
  const detail = typeof message === 'string' && message !== '' ? `${word}: ${plainText(message)}` : word;
  return { is, reason: word, detail };
}

function oddly(status: number): string {
  return `the facilitator answers HTTP ${status}`;
}
