import type { StoreError } from './error.js';

/** The duties of the disk; each fails and recovers independently of the others. */
export type Duty = 'append' | 'sync' | 'snapshot' | 'reserve' | 'head';

/** How the disk carried out each duty last, for `status`. */
export class Health {
  readonly #faults = new Map<Duty, StoreError>();

  failed(duty: Duty, error: StoreError): void {
    this.#faults.set(duty, error);
  }

  worked(duty: Duty): void {
    this.#faults.delete(duty);
  }

  /** `ok` when every duty that failed has worked again. */
  get state(): 'ok' | 'full' | 'failed' {
    const codes = [...this.#faults.values()].map((fault) => fault.code);
    if (codes.length === 0) return 'ok';
    return codes.every((code) => code === 'storage_full') ? 'full' : 'failed';
  }

  get lastError(): string | undefined {
    return [...this.#faults.values()].at(-1)?.message;
  }
}
