/**
 * Sessions that an earlier run left, on their way back: thousands at once after a restart, so the next usage record says
 * that they go on, in the place of a record for each.
 */
export class Resumed {
  readonly #waiting = new Set<string>();
  readonly #back = new Set<string>();

  /** The session waits for its portal's word. */
  wait(id: string): void {
    this.#waiting.add(id);
  }

  /** The session goes on. @returns false for one that did not wait: that needs a record of its own */
  comesBack(id: string): boolean {
    if (!this.#waiting.delete(id)) return false;
    this.#back.add(id);
    return true;
  }

  /** A usage record has to say that the session goes on. */
  isBack(id: string): boolean {
    return this.#back.has(id);
  }

  /** A record of its own says how the session stands. */
  told(id: string): void {
    this.#waiting.delete(id);
    this.#back.delete(id);
  }

  /** The usage records have said it. */
  allTold(): void {
    this.#back.clear();
  }
}
