/** Lets one piece of work run at a time, in the order of asking. */
export class Turns {
  #last: Promise<unknown> = Promise.resolve();
  /** Those that are not done, in their order. */
  readonly #open = new Set<Promise<unknown>>();

  /** Runs `turn` when all earlier ones are done, however they went. */
  take<T>(turn: () => Promise<T>): Promise<T> {
    const result = this.#last.then(async () => {
      try {
        return await turn();
      } finally {
        this.#open.delete(result);
      }
    });
    this.#open.add(result);
    this.#last = result.catch(() => {});
    return result;
  }

  /** Others come before this turn; before one that is asked for now, where none is given. */
  isBehind(turn: Promise<unknown> | undefined): boolean {
    const [first] = this.#open;
    return first !== undefined && first !== turn;
  }

  /** Resolves when all that were asked for so far are done. */
  async done(): Promise<void> {
    await this.#last;
  }
}
