/** Limits how much work is under way at once, and lets no more work in after {@link Admission.drain}. */
export class Admission {
  readonly #most: number;
  readonly #underWay = new Set<Promise<unknown>>();
  #isDraining = false;

  /** `most`: how much work may be under way at once. */
  constructor(most: number) {
    this.#most = most;
  }

  /** Why no work is let in now; undefined while there is room. */
  get refusal(): { readonly code: 'busy' | 'stopping'; readonly message: string } | undefined {
    if (this.#isDraining) return { code: 'stopping', message: 'turnpike is being stopped: try again later' };
    if (this.#underWay.size < this.#most) return undefined;
    return { code: 'busy', message: 'too many calls are under way: try again' };
  }

  /**
   * Runs work and counts it until it is over. Begins nothing and returns undefined when there is a {@link
   * refusal}.
   */
  run<T>(work: () => Promise<T>): Promise<T> | undefined {
    if (this.refusal) return undefined;
    const running = work().finally(() => this.#underWay.delete(running));
    this.#underWay.add(running);
    return running;
  }

  /** Lets no more work in; resolves when all work under way is over. */
  async drain(): Promise<void> {
    this.#isDraining = true;
    await Promise.allSettled(this.#underWay);
  }
}
