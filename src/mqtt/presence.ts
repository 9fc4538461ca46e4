import type { Timer } from './link.js';

export interface PresenceParts {
  readonly timer: Timer;
  /** Time between two statuses, in ms. */
  readonly interval: number;
  readonly describe: () => Buffer;
  /** Publishes it as retained. Rejects when it has not arrived. */
  readonly publish: (payload: Buffer) => Promise<void>;
}

/** Says that the router is there, and with how many sessions, as long as it is connected. */
export class Presence {
  readonly #parts: PresenceParts;
  #cancel = () => {};
  #telling: Promise<void> | undefined;

  constructor(parts: PresenceParts) {
    this.#parts = parts;
  }

  /** Says so now and again at each interval. */
  begin(): void {
    this.#cancel();
    // A status that fails is not sent again: the next status, or the last will, replaces it.
    this.tell().catch(() => {});
    this.#cancel = this.#parts.timer.after(this.#parts.interval, () => this.begin());
  }

  pause(): void {
    this.#cancel();
  }

  /** Resolves when the broker has the status. Sends one status at a time, so that a slow broker is not flooded. */
  tell(): Promise<void> {
    const { publish, describe } = this.#parts;
    this.#telling ??= publish(describe()).finally(() => {
      this.#telling = undefined;
    });
    return this.#telling;
  }

  /** Says that the router goes. */
  farewell(payload: Buffer): Promise<void> {
    this.pause();
    return this.#parts.publish(payload);
  }
}
