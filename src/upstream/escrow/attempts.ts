import { randomUUID } from 'node:crypto';

/**
 * Which orders may have been sent. A payment that the chain has taken is ours only if we may have sent it: else it was
 * made to somebody else who is paid at the same account, or is presented a second time.
 */
export class Attempts {
  /** Marks what was read by this run: nobody else has sent it. */
  readonly run = randomUUID();
  readonly #sent = new Set<string>();

  /** The order goes out now. */
  begin(id: string): void {
    this.#sent.add(id);
  }

  /** Nothing came of it: nobody has heard of the order, or it was refused. */
  takeBack(id: string): void {
    this.#sent.delete(id);
  }

  /** @param run that of the reader of the order; what an earlier run has done nobody can say */
  mayBeSent(id: string, run: string): boolean {
    return run !== this.run || this.#sent.has(id);
  }
}
