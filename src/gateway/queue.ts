/** The queue was closed before this turn came. */
export class QueueClosed extends Error {
  readonly code = 'closed';

  constructor() {
    super('the portal’s queue is closed');
    this.name = 'QueueClosed';
  }
}

interface Waiting {
  readonly run: () => Promise<void>;
  readonly refuse: () => void;
}

/**
 * Turns at one portal, one at a time, gates before polls: two connections at once wedge its daemon.
 */
export class TurnQueue {
  readonly #gates: Waiting[] = [];
  readonly #polls: Waiting[] = [];
  #running: Promise<void> | undefined;
  #closed = false;

  /** A turn that opens or closes a gate. Rejects with what `turn` throws, or with {@link QueueClosed}. */
  gate<T>(turn: () => Promise<T>): Promise<T> {
    return this.#enter(this.#gates, turn);
  }

  /** A turn that looks at all clients; it waits while there are gates to be turned. */
  poll<T>(turn: () => Promise<T>): Promise<T> {
    return this.#enter(this.#polls, turn);
  }

  /** Lets the turn under way end and refuses all that wait. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const waiting of [...this.#gates.splice(0), ...this.#polls.splice(0)]) waiting.refuse();
    await this.#running;
  }

  #enter<T>(line: Waiting[], turn: () => Promise<T>): Promise<T> {
    if (this.#closed) return Promise.reject(new QueueClosed());
    return new Promise<T>((resolve, reject) => {
      line.push({ run: () => turn().then(resolve, reject), refuse: () => reject(new QueueClosed()) });
      this.#running ??= this.#work();
    });
  }

  async #work(): Promise<void> {
    for (;;) {
      const next = this.#gates.shift() ?? this.#polls.shift();
      if (!next) break;
      await next.run();
    }
    this.#running = undefined;
  }
}
