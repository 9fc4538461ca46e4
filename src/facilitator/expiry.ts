import type { Log } from '../ports/log.js';
import type { Journal } from './journal.js';
import { replyTo } from './revert.js';
import type { SessionService } from './service.js';

/** The most sessions that one sweep closes. */
const batch = 16;

export interface ExpiryOptions {
  /** How often the server looks for expired sessions, in ms. */
  readonly everyMs: number;
  /** Time after a session's expiry in which only its seller closes it, in seconds. */
  readonly marginSeconds: number;
}

/**
 * Closes sessions that nobody has closed some time after their expiry, so that the buyer gets the rest of the deposit
 * back even if the seller is gone.
 */
export class Expiry {
  readonly #service: SessionService;
  readonly #journal: Journal;
  readonly #log: Log;
  readonly #options: ExpiryOptions;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(service: SessionService, journal: Journal, log: Log, options: ExpiryOptions) {
    this.#service = service;
    this.#journal = journal;
    this.#log = log;
    this.#options = options;
  }

  start(): void {
    if (!this.#stopped) this.#timer = setTimeout(() => void this.#sweep(), this.#options.everyMs);
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  async #sweep(): Promise<void> {
    const before = Math.floor(Date.now() / 1000) - this.#options.marginSeconds;
    const expired = this.#journal.expired(before, batch);
    await Promise.all(expired.map((session) => this.#close(session)));
    this.start();
  }

  async #close({ network, id: sessionId }: ReturnType<Journal['expired']>[number]): Promise<void> {
    try {
      await this.#service.close({ network, sessionId, role: 'seller' });
      this.#log('info', `${network}: ${sessionId} was expired and is closed`);
    } catch (cause) {
      this.#log('warn', `${network}: ${sessionId} is expired: ${replyTo(cause).code}`);
    }
  }
}
