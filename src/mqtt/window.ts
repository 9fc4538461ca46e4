/** Sends a message; `done` is called once, when it is acknowledged or refused. */
export type Send = (done: (refusal?: Error) => void) => void;

interface Waiting {
  readonly send: Send;
  readonly resolve: () => void;
  readonly reject: (cause: Error) => void;
}

/**
 * The messages with QoS 1 on one connection, whoever sends them: no more are under way than the broker takes (Receive
 * Maximum, MQTT 5 §4.9); the others wait in their order.
 */
export class Window {
  readonly #size: number;
  readonly #underWay = new Set<Waiting>();
  #waiting: Waiting[] = [];
  #ended = false;

  constructor(size: number) {
    this.#size = size;
  }

  /** Resolves when it is acknowledged. @throws what the broker says, or that the connection ended before */
  send(send: Send): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#ended) return reject(lost());
      this.#waiting.push({ send, resolve, reject });
      this.#fill();
    });
  }

  /** The connection is gone: nobody knows what became of what is under way. */
  end(): void {
    this.#ended = true;
    for (const { reject } of [...this.#underWay, ...this.#waiting]) reject(lost());
    this.#underWay.clear();
    this.#waiting = [];
  }

  #fill(): void {
    while (this.#underWay.size < this.#size) {
      const next = this.#waiting.shift();
      if (!next) return;
      this.#underWay.add(next);
      next.send((refusal) => this.#done(next, refusal));
    }
  }

  #done(one: Waiting, refusal: Error | undefined): void {
    if (!this.#underWay.delete(one)) return;
    if (refusal) one.reject(refusal);
    else one.resolve();
    this.#fill();
  }
}

function lost(): Error {
  return new Error('the connection ended');
}
