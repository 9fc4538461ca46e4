/** Work that many callers want done, each of them wholly after it asked. */
export class SharedRun {
  readonly #run: () => Promise<void>;
  #running: Promise<void> | undefined;
  #next: Promise<void> | undefined;

  constructor(run: () => Promise<void>) {
    this.#run = run;
  }

  /** Runs at once, or shares the run that follows the one under way: that one may have begun too early. */
  request(): Promise<void> {
    if (!this.#running) return this.#start();
    const again = () => {
      this.#next = undefined;
      return this.request();
    };
    this.#next ??= this.#running.then(again, again);
    return this.#next;
  }

  /** Resolves, and never rejects, when nothing runs and nothing waits to run. */
  async idle(): Promise<void> {
    while (this.#running) await (this.#next ?? this.#running).catch(() => {});
  }

  #start(): Promise<void> {
    this.#running = this.#run().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }
}
