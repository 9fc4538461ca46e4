import type { Turns } from './turns.js';

/** A turn that has not begun. */
interface Turn<Asked, Result> {
  readonly asked: Set<Asked>;
  readonly result: Promise<Result>;
}

/** Does by one piece of work all that is asked for until its turn comes: each call of nft reads the whole table. */
export class Together<Asked, Result> {
  readonly #turns: Turns;
  readonly #work: (asked: ReadonlySet<Asked>) => Promise<Result>;
  readonly #ready: () => Promise<void>;
  #next: Turn<Asked, Result> | undefined;

  /** `ready`: what a turn waits for when it has come, while more may be asked for. */
  constructor(
    turns: Turns,
    work: (asked: ReadonlySet<Asked>) => Promise<Result>,
    ready: () => Promise<void> = async () => {},
  ) {
    this.#turns = turns;
    this.#work = work;
    this.#ready = ready;
  }

  /** Resolves with what came of the turn that did it. */
  ask(...these: readonly Asked[]): Promise<Result> {
    this.#next ??= this.#turn();
    for (const one of these) this.#next.asked.add(one);
    return this.#next.result;
  }

  /** What is asked for from now on is done behind all turns that were taken so far. */
  part(): void {
    this.#next = undefined;
  }

  #turn(): Turn<Asked, Result> {
    const asked = new Set<Asked>();
    const result = this.#turns.take(async () => {
      await this.#ready();
      if (this.#next === turn) this.part();
      return this.#work(asked);
    });
    const turn = { asked, result };
    return turn;
  }
}
