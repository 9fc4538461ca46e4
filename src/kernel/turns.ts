/** Lets one piece of work run at a time, in the order of asking. */
export class Turns {
  #last: Promise<unknown> = Promise.resolve();
  #isBusy = false;

  /** A turn is under way: another one that is asked for now waits. */
  get isBusy(): boolean {
    return this.#isBusy;
  }

  /** Runs `turn` when all earlier ones are done, however they went. */
  take<T>(turn: () => Promise<T>): Promise<T> {
    const result = this.#last.then(() => this.#run(turn));
    this.#last = result.catch(() => {});
    return result;
  }

  /** Resolves when all that were asked for so far are done. */
  async done(): Promise<void> {
    await this.#last;
  }

  async #run<T>(turn: () => Promise<T>): Promise<T> {
    this.#isBusy = true;
    try {
      return await turn();
    } finally {
      this.#isBusy = false;
    }
  }
}
