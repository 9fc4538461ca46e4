/** Sends of one session one after the other: a server must never have two reports of it to choose from. */
export class Lanes {
  readonly #last = new Map<string, Promise<unknown>>();

  /** Something is under way for this session, or waits for its turn. */
  isBusy(session: string): boolean {
    return this.#last.has(session);
  }

  /** Resolves as `send` does, which begins when all that was there before it has had its outcome. */
  run<T>(session: string, send: () => Promise<T>): Promise<T> {
    const turn = this.#last.get(session)?.then(send) ?? send();
    const end = turn
      .catch(() => {})
      .then(() => {
        if (this.#last.get(session) === end) this.#last.delete(session);
      });
    this.#last.set(session, end);
    return turn;
  }
}
