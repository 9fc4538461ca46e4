/** Lets one piece of work run at a time, in the order of asking. */
export class Turns {
  #last: Promise<unknown> = Promise.resolve();

  /** Runs `turn` when all earlier ones are done, however they went. */
  take<T>(turn: () => Promise<T>): Promise<T> {
    const result = this.#last.then(turn);
    this.#last = result.catch(() => {});
    return result;
  }

  /** Resolves when all that were asked for so far are done. */
  async done(): Promise<void> {
    await this.#last;
  }
}
