import { randomUUID } from 'node:crypto';
import type { PaymentRequirements } from '@x402/core/types';
import type { FacilitatorClient, Settled } from './facilitator-client.js';
import { type Failed, pending, rejected, unknown } from './outcome.js';
import { finalCode } from './refusals.js';

/** A payment of a customer, as it is known to a {@link Submitter}. */
export interface Submission {
  readonly id: string;
  /** The {@link Submitter.run} of the process that read the payment. */
  readonly run: string;
}

/**
 * Has payments brought onto the chain, and knows which of them may have been sent.
 *
 * A payment that the chain has taken counts for its order only if this router may have sent it. Otherwise it was made
 * to another seller with the same account, or is presented a second time.
 */
export class Submitter {
  /** The mark of payments that this process read: no earlier process has sent them. */
  readonly run = randomUUID();
  readonly #facilitator: FacilitatorClient;
  readonly #sent = new Set<string>();

  constructor(facilitator: FacilitatorClient) {
    this.#facilitator = facilitator;
  }

  /** Whether the payment may have been sent. One that an earlier process read may have been: nobody knows any more. */
  mayBeSent({ id, run }: Submission): boolean {
    return run !== this.run || this.#sent.has(id);
  }

  /**
   * Has a customer's payment verified and settled. `payload`: the scheme's part of it.
   * @returns what is known when the chain does not show it
   */
  async submit(submission: Submission, payload: object, asked: PaymentRequirements): Promise<Failed> {
    const full = fullOf(payload, asked);
    const verified = await this.#facilitator.verify(full, asked);
    if (verified.is === 'unknown') return unknown(verified.detail);
    if (verified.is === 'invalid') return this.#refused(submission, verified.reason, verified.detail);
    const mayHaveBeenSent = this.mayBeSent(submission);
    this.#sent.add(submission.id);
    const settled = await this.#facilitator.settle(full, asked);
    if (isNothing(settled) && !mayHaveBeenSent) this.#sent.delete(submission.id);
    if (settled.is === 'refused') return this.#refused(submission, settled.reason, settled.detail);
    return failureOf(settled);
  }

  /** Has a request carried out that may be repeated: a refusal of today does not rule it out for ever. */
  async move(payload: object, asked: PaymentRequirements): Promise<Failed> {
    const settled = await this.#facilitator.settle(fullOf(payload, asked), asked);
    return settled.is === 'refused' ? unknown(settled.detail) : failureOf(settled);
  }

  /** Rejects for good only if the payment cannot have been sent before: an earlier request may still take effect. */
  #refused(submission: Submission, reason: string, detail: string): Failed {
    const code = finalCode(reason);
    return code && !this.mayBeSent(submission) ? rejected(code, detail) : unknown(detail);
  }
}

function fullOf(payload: object, accepted: PaymentRequirements) {
  return { x402Version: 2, accepted, payload: { ...payload } };
}

/**
 * Whether nothing was sent. A facilitator also refuses when it sent a transaction and its node did not report that, so
 * only a refusal for good counts.
 */
function isNothing(settled: Settled): boolean {
  return settled.is === 'unsent' || (settled.is === 'refused' && finalCode(settled.reason) !== undefined);
}

function failureOf(settled: Exclude<Settled, { is: 'refused' }>): Failed {
  if (settled.is === 'settled') return pending(`the node does not show ${settled.transaction} yet`);
  return unknown(settled.is === 'unsent' ? 'no facilitator can be reached' : settled.detail);
}
