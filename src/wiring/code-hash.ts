import { createHash, createHmac } from 'node:crypto';
import type { Log } from '../ports/log.js';
import { nodeDisk } from '../store/disk.js';
import { StoreError } from '../store/error.js';
import { Keepsake } from '../store/keepsake.js';
import { openSecret } from '../store/secret.js';
import { seal, unseal } from './code-seal.js';

const name = 'vouchers.key';
/** The file that tells which secret was used last, and not the secret itself. */
const markFile = 'vouchers.mark';

const remedy = 'put that one back from a backup, or acknowledge its loss';

/** Hashes and seals voucher codes with a secret of this router: a copy of the journal alone gives none away. */
export class CodeHash {
  readonly #directory: string;
  /** A new secret may be made: no voucher is known, or the owner knows that the old one is lost. */
  #mayMake: boolean;
  readonly #log: Log;
  /** Tells the owner what is damaged, until they have seen it. */
  readonly #damaged: (text: string) => void;
  #secret: Buffer | undefined;
  /** Why there is no secret. */
  #trouble: unknown;
  #opening: Promise<void> | undefined;

  private constructor(directory: string, isUsed: boolean, log: Log, damaged: (text: string) => void) {
    this.#directory = directory;
    this.#mayMake = !isUsed;
    this.#log = log;
    this.#damaged = damaged;
  }

  /**
   * Reads the secret, or makes it at the first use. If the disk refuses, or the secret is lost, each code tries again.
   *
   * @param isUsed vouchers were made with it before
   * @param damaged hears what is to be said until the owner has seen it
   */
  static async open(
    directory: string,
    isUsed: boolean,
    log: Log,
    damaged: (text: string) => void,
  ): Promise<CodeHash> {
    const made = new CodeHash(directory, isUsed, log, damaged);
    await made.#open();
    return made;
  }

  /**
   * @throws `StoreError` `secret_damaged` until the file is put back, or {@link accept} was called; `storage_full` or `storage_failed` when the secret
   * cannot be made
   */
  hash(code: string): string {
    return createHmac('sha256', this.#key()).update(code).digest('base64url').slice(0, 22);
  }

  /** Encrypts the codes of a batch. @throws `StoreError` as {@link hash} does */
  seal(batch: string, codes: string): string {
    return seal(this.#key(), batch, codes);
  }

  /**
   * The codes that {@link seal} encrypted; the log says that somebody had them.
   * @throws `StoreError` as {@link hash} does, and `secret_damaged` where the secret is another one by now
   */
  unseal(batch: string, sealed: string): string {
    const codes = unseal(this.#key(), batch, sealed);
    if (codes === undefined) {
      throw new StoreError('secret_damaged', `${this.#directory}/${name} is not the key of batch ${batch}`);
    }
    this.#log('info', `vouchers: the codes of batch ${batch} were given out again`);
    return codes;
  }

  /**
   * The owner has seen that the secret is lost: a new one is made, or the other one that is there is used. A damaged one
   * still waits for its backup.
   */
  async accept(): Promise<void> {
    await this.#opening;
    if (this.#secret) return;
    this.#mayMake = true;
    this.#opening ??= this.#open();
    await this.#opening;
  }

  #key(): Buffer {
    if (this.#secret) return this.#secret;
    this.#opening ??= this.#open();
    throw this.#trouble;
  }

  #complain(text: string): void {
    this.#log('error', text);
    this.#damaged(text);
  }

  async #open(): Promise<void> {
    try {
      const { secret, mended } = await openSecret(this.#directory, name, nodeDisk, this.#mayMake);
      await this.#demandSame(secret);
      this.#secret = secret;
      if (mended !== undefined) this.#complain(mended);
    } catch (cause) {
      const text = `vouchers cannot be made or redeemed: ${(cause as Error).message}`;
      if ((cause as { code?: unknown }).code === 'secret_damaged') this.#damaged(text);
      if (!this.#trouble) this.#log('error', text);
      this.#trouble = cause;
    }
    this.#opening = undefined;
  }

  /** Under the secret of another router each voucher would be unknown, and nobody would know why. */
  async #demandSame(secret: Buffer): Promise<void> {
    const file = new Keepsake(this.#directory, markFile);
    const mark = createHash('sha256').update('turnpike vouchers').update(secret).digest('base64url');
    const { mark: known } = (file.load() ?? {}) as { mark?: unknown };
    if (known === mark) return;
    if (known !== undefined && !this.#mayMake) {
      const text = `${this.#directory}/${name} is not the key that vouchers were made with: ${remedy}`;
      throw new StoreError('secret_damaged', text);
    }
    const saved = file.save({ mark });
    // Beside the mark of another one the next start would refuse this one, with all that was made with it.
    await (known === undefined ? saved.catch(() => {}) : saved);
  }
}
