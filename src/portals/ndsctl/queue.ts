/** The queue was closed before this turn came. */
export class QueueClosed extends Error {
  readonly code = 'closed';

  constructor() {
    super('the portal’s queue is closed');
    this.name = 'QueueClosed';
  }
}

/**
 * A poll that has waited for this long, in ms, goes before all gates: no traffic is counted while it waits.
 */
const patienceMs = 500;

interface Waiting {
  /** Monotonic, in ms. */
  readonly since: number;
  readonly run: () => Promise<void>;
  readonly refuse: () => void;
}

/**
 * Takes turns at one portal, one at a time: two connections at once wedge its daemon.
 *
 * Gates are shut before others are opened: a session that is used up passes bytes that nobody paid for, and
 * must not wait for a crowd of new customers. Both go before polls, but not for ever: a slow portal with a
 * steady flow of gates to turn would otherwise count nothing.
 */
export class TurnQueue {
  readonly #shuts: Waiting[] = [];
  readonly #opens: Waiting[] = [];
  readonly #polls: Waiting[] = [];
  #running: Promise<void> | undefined;
  #closed = false;

  /** A turn that shuts a gate. Rejects with what `turn` throws, or with {@link QueueClosed}. */
  shut<T>(turn: () => Promise<T>): Promise<T> {
    return this.#enter(this.#shuts, turn);
  }

  /** A turn that opens a gate; it waits while there are gates to be shut. */
  open<T>(turn: () => Promise<T>): Promise<T> {
    return this.#enter(this.#opens, turn);
  }

  /** A turn that looks at all clients; it waits while there are gates to be turned, but not for long. */
  poll<T>(turn: () => Promise<T>): Promise<T> {
    return this.#enter(this.#polls, turn);
  }

  /** Lets the turn under way end and refuses all that wait. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const line of [this.#shuts, this.#opens, this.#polls])
      for (const waiting of line.splice(0)) waiting.refuse();
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
    return this.#shuts.shift() ?? this.#opens.shift() ?? this.#polls.shift();
  }
}
