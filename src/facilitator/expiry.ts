import type { Log } from '../ports/log.js';
import type { Journal } from './journal.js';
import { replyTo } from './revert.js';
import type { SessionService } from './service.js';

/** The most sessions of a network that one sweep closes. */
const batch = 16;

export interface ExpiryOptions {
  readonly networks: readonly string[];
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
  readonly #service: Pick<SessionService, 'close'>;
  readonly #journal: Pick<Journal, 'expired'>;
  readonly #log: Log;
  readonly #options: ExpiryOptions;
  /** How many of a network's oldest sessions the next sweep leaves out: they could not be closed, and others can. */
  readonly #skip = new Map<string, number>();
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(
    service: Pick<SessionService, 'close'>,
    journal: Pick<Journal, 'expired'>,
    log: Log,
    options: ExpiryOptions,
  ) {
    this.#service = service;
    this.#journal = journal;
    this.#log = log;
    this.#options = options;
  }

  start(): void {
    if (!this.#stopped) this.#timer = setTimeout(() => void this.#run(), this.#options.everyMs);
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  /** One look at all networks. */
  async sweep(): Promise<void> {
    await Promise.all(this.#options.networks.map((network) => this.#sweepOne(network)));
  }

  async #run(): Promise<void> {
    await this.sweep();
    this.start();
  }

  async #sweepOne(network: string): Promise<void> {
    const before = Math.floor(Date.now() / 1000) - this.#options.marginSeconds;
    const skip = this.#skip.get(network) ?? 0;
    const expired = this.#journal.expired(network, before, batch, skip);
    const closed = await Promise.all(expired.map((session) => this.#close(session)));
    const failed = closed.filter((isClosed) => !isClosed).length;
    this.#skip.set(network, expired.length < batch ? 0 : skip + failed);
  }

  async #close({ network, id: sessionId }: ReturnType<Journal['expired']>[number]): Promise<boolean> {
    try {
      await this.#service.close({ network, sessionId, role: 'seller' });
      this.#log('info', `${network}: ${sessionId} was expired and is closed`);
      return true;
    } catch (cause) {
      this.#log('warn', `${network}: ${sessionId} is expired: ${replyTo(cause).code}`);
      return false;
    }
  }
}
