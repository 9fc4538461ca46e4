/** The queue was closed before this turn came. */
export class QueueClosed extends Error {
  readonly code = 'closed';

  constructor() {
    super('the portal’s queue is closed');
    this.name = 'QueueClosed';
  }
}

/** A poll that has waited for this long, in ms, goes before the gates: nobody's use is counted meanwhile. */
const patienceMs = 500;

interface Waiting {
  /** Monotonic, in ms. */
  readonly since: number;
  readonly run: () => Promise<void>;
  readonly refuse: () => void;
}

/**
 * Turns at one portal, one at a time: two connections at once wedge its daemon. Gates go before polls, but cannot put
 * them off for ever: a slow portal with gates to turn without an end would count nothing.
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

  /** A turn that looks at all clients; it waits while there are gates to be turned, but not for long. */
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
      const run = () => turn().then(resolve, reject);
      line.push({ since: performance.now(), run, refuse: () => reject(new QueueClosed()) });
      this.#running ??= this.#work();
    });
  }

  async #work(): Promise<void> {
    for (;;) {
      const next = this.#next();
      if (!next) break;
      await next.run();
    }
    this.#running = undefined;
  }

  #next(): Waiting | undefined {
    const poll = this.#polls[0];
    if (poll && performance.now() - poll.since >= patienceMs) return this.#polls.shift();
    return this.#gates.shift() ?? this.#polls.shift();
  }
}
