import { FacilitatorError } from './error.js';

/** More do not wait for the same session. */
const longestQueue = 8;

/** Tasks with the same key run one after the other. */
export class Turns {
  readonly #queues = new Map<string, { last: Promise<unknown>; length: number }>();

  /** Runs a task when those before it have ended, well or badly. @throws {@link FacilitatorError} `session_busy` */
  async take<T>(key: string, task: () => Promise<T>): Promise<T> {
    const queue = this.#queues.get(key) ?? { last: Promise.resolve(), length: 0 };
    if (queue.length >= longestQueue)
      throw new FacilitatorError('session_busy', 'too many operations wait for this session');
    this.#queues.set(key, queue);
    queue.length += 1;
    const turn = queue.last.then(task);
    queue.last = turn.catch(() => {});
    try {
      return await turn;
    } finally {
      queue.length -= 1;
      if (queue.length === 0) this.#queues.delete(key);
    }
  }
}
