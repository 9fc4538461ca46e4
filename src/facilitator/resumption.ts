import type { Log } from '../ports/log.js';
import type { Journal } from './journal.js';
import type { SessionService } from './service.js';

/** Wait before operations are taken up again that a failure of the chain kept from going on, in ms. */
const retryMs = 5000;

/** Continues the operations that the last process left open, also when the chain does not answer at first. */
export class Resumption {
  readonly #service: SessionService;
  readonly #journal: Journal;
  readonly #log: Log;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(service: SessionService, journal: Journal, log: Log) {
    this.#service = service;
    this.#journal = journal;
    this.#log = log;
  }

  start(): void {
    void this.#take();
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  async #take(): Promise<void> {
    const open = this.#journal.openOperations();
    const taken = await Promise.allSettled(open.map((operation) => this.#service.resume(operation)));
    const failed = taken.filter((t) => t.status === 'rejected').length;
    if (failed === 0 || this.#stopped) return;
    this.#log('warn', `${failed} operations wait for the chain`);
    this.#timer = setTimeout(() => this.start(), retryMs);
  }
}
