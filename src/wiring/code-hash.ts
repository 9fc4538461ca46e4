import { createHmac } from 'node:crypto';
import type { Log } from '../ports/log.js';
import { openSecret } from '../store/secret.js';

const name = 'vouchers.key';

/** Hashes voucher codes with a secret of this router: a copy of the journal alone gives none away. */
export class CodeHash {
  readonly #directory: string;
  readonly #isUsed: boolean;
  readonly #log: Log;
  #secret: Buffer | undefined;
  /** Why there is no secret. */
  #trouble: unknown;
  #opening: Promise<void> | undefined;

  private constructor(directory: string, isUsed: boolean, log: Log) {
    this.#directory = directory;
    this.#isUsed = isUsed;
    this.#log = log;
  }

  /**
   * Reads the secret, or makes it at the first use. If the disk refuses, each code tries again.
   *
   * @param isUsed vouchers were made with it before
   */
  static async open(directory: string, isUsed: boolean, log: Log): Promise<CodeHash> {
    const made = new CodeHash(directory, isUsed, log);
    await made.#open();
    return made;
  }

  /** @throws `StoreError` `storage_full` or `storage_failed` when the secret can neither be read nor made */
  hash(code: string): string {
    if (!this.#secret) {
      this.#opening ??= this.#open();
      throw this.#trouble;
    }
    return createHmac('sha256', this.#secret).update(code).digest('base64url').slice(0, 22);
  }

  async #open(): Promise<void> {
    try {
      const { secret, isNew } = await openSecret(this.#directory, name);
      this.#secret = secret;
      if (isNew && this.#isUsed) {
        this.#log(
          'error',
          `${this.#directory}/${name} was lost: no voucher made before today can be redeemed`,
        );
      }
    } catch (cause) {
      if (!this.#trouble)
        this.#log('error', `vouchers cannot be made or redeemed: ${(cause as Error).message}`);
      this.#trouble = cause;
    }
    this.#opening = undefined;
  }
}
