import type { Clock } from '../ports/clock.js';

/** How often the whole table is compared, in ms, and the largest share of the time that this takes. */
const auditMs = 10_000;
const auditShare = 0.05;

/** Has the whole table in the kernel compared, again and again. */
export class Audits {
  readonly #clock: Clock;
  readonly #audit: () => Promise<void>;
  #cancel: (() => void) | undefined;
  #stopped = false;

  constructor(clock: Clock, audit: () => Promise<void>) {
    this.#clock = clock;
    this.#audit = audit;
  }

  get haveBegun(): boolean {
    return this.#cancel !== undefined;
  }

  begin(): void {
    this.#plan(0);
  }

  stop(): void {
    this.#stopped = true;
    this.#cancel?.();
  }

  #plan(tookMs: number): void {
    const wait = Math.max(auditMs, tookMs / auditShare);
    this.#cancel = this.#clock.after(wait, () => void this.#run());
    if (this.#stopped) this.#cancel();
  }

  async #run(): Promise<void> {
    const began = this.#clock.mono();
    await this.#audit();
    this.#plan(this.#clock.mono() - began);
  }
}
