/**
 * Runs the sends of one session one after the other: two reports of it under way at once could arrive in either order.
 */
export class Lanes {
  readonly #last = new Map<string, Promise<unknown>>();

  /** Whether a send of this session is under way or waits for its turn. */
  isBusy(session: string): boolean {
    return this.#last.has(session);
  }

  /** Runs `send` when all earlier sends of the session have ended. Resolves as `send` does. */
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
