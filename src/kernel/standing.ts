import type { KernelStatus } from '../ports/kernel.js';
import type { Log } from '../ports/log.js';
import { NftError } from './nft.js';
import type { Witness } from './witness.js';

/** How the table stands. What changes is logged once. */
export class Standing {
  readonly #log: Log;
  readonly #witness: Pick<Witness, 'state'> | undefined;
  #isFull = false;
  #isChanged = false;
  #status: KernelStatus = { state: 'starting', error: '', mended: 0 };

  constructor(log: Log, witness?: Pick<Witness, 'state'>) {
    this.#log = log;
    this.#witness = witness;
  }

  get status(): KernelStatus {
    return this.#witness ? { ...this.#status, connections: this.#witness.state } : this.#status;
  }

  /** The table is as wanted. That flows no longer avoid it, only {@link clear} knows. */
  worked(): void {
    if (this.#isChanged) this.#mended();
    if (this.#status.state !== 'bypassed') this.#enter('on', '');
  }

  failed(cause: unknown): void {
    const isMissing = cause instanceof NftError && cause.code === 'missing';
    this.#enter(isMissing ? 'missing' : 'failed', (cause as Error).message);
  }

  /** Takes in whether flows avoid the table. */
  clear(isBypassed: boolean): void {
    if (isBypassed) this.#enter('bypassed', 'flow offload takes packets past our caps');
    else this.#enter('on', '');
  }

  /** Somebody else has changed the table: it is repaired when it has {@link worked}. */
  changed(): void {
    this.#isChanged = true;
  }

  refused(cause: NftError): void {
    this.#log('warn', `kernel: nft refused a change, so the table is made anew: ${cause.message}`);
  }

  /** Takes in whether sessions have no place in the kernel. */
  full(isFull: boolean): void {
    if (isFull && !this.#isFull) {
      this.#log('error', 'kernel: no mark is left for more sessions: give mark_mask more bits');
    }
    this.#isFull = isFull;
  }

  #mended(): void {
    this.#isChanged = false;
    this.#status = { ...this.#status, mended: this.#status.mended + 1 };
    this.#log('warn', 'kernel: somebody changed our table: put it back');
  }

  #enter(state: KernelStatus['state'], error: string): void {
    const before = this.#status.state;
    this.#status = { ...this.#status, state, error };
    if (state === before) return;
    if (state === 'on') this.#log('info', 'kernel: gates, caps and counters are in place');
    else this.#log('warn', `kernel: ${state}: ${error}`);
  }
}
