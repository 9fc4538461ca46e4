import { type Code, codes } from '../payments/wallet/codes.js';
import type { Hex } from '../payments/wallet/typed-data.js';
import type { Failure } from '../payments/wallet/wire.js';

/** What is known of an operation that has not succeeded. */
export interface Known {
  readonly transaction?: Hex;
  readonly sessionId?: Hex;
}

/** The one error that becomes a reply. Its message goes to the client: it holds no secret. */
export class FacilitatorError extends Error {
  override readonly name = 'FacilitatorError';
  readonly code: Code;
  readonly known: Known;

  constructor(code: Code, message: string, options: { cause?: unknown; known?: Known } = {}) {
    super(message, { cause: options.cause });
    this.code = code;
    this.known = options.known ?? {};
  }

  get status(): number {
    return codes[this.code].status;
  }

  /** The body of the reply. */
  get failure(): Failure {
    const { code, message, known } = this;
    return { success: false, code, error: message, retryable: codes[code].retryable, ...known };
  }
}
