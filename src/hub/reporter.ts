import type { SessionMessage } from '../mqtt/message.js';
import type { Clock } from '../ports/clock.js';
import type { Log } from '../ports/log.js';
import { reasonOf } from '../system-error.js';
import { eventIn } from './events.js';
import type { Outbox } from './outbox.js';

/** How long the database is left alone that did not take an event, in ms. */
const againMs = 5_000;

export interface ReporterParts {
  readonly outbox: Pick<Outbox, 'wants' | 'tell'>;
  readonly clock: Pick<Clock, 'after'>;
  readonly log: Log;
}

/** Turns what routers say of their sessions into what endpoints are told. */
export class Reporter {
  readonly #parts: ReporterParts;
  #isOver = false;

  constructor(parts: ReporterParts) {
    this.#parts = parts;
  }

  /** Whether any endpoint wants to hear of sessions. */
  get isWanted(): boolean {
    const { outbox } = this.#parts;
    return outbox.wants('session.closed') || outbox.wants('balance.low');
  }

  /** Resolves when the message is written down, or means nothing to anybody; never where the database does not come back. */
  async take(message: SessionMessage): Promise<void> {
    const { outbox, clock, log } = this.#parts;
    const event = eventIn(message);
    if (!event || !outbox.wants(event.type)) return;
    for (;;) {
      // The broker keeps what was not acknowledged.
      if (this.#isOver) return new Promise(() => {});
      try {
        return await outbox.tell([event]);
      } catch (cause) {
        log('error', `webhooks: ${reasonOf(cause)}`);
      }
      await new Promise<void>((resolve) => void clock.after(againMs, resolve));
    }
  }

  /** Writes nothing down any more. */
  stop(): void {
    this.#isOver = true;
  }
}
