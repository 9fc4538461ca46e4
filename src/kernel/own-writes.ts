import type { Clock } from '../ports/clock.js';

/** A number that has not come after this long, in ms, is waited for no longer: its shell stands still. */
const mostWaitMs = 1_000;
/** How many processes are remembered: the kernel tells of a write within moments. */
const most = 64;

/** Told the number of a process, and, with none, that it has ended. */
export type Told = (pid?: number) => void;

/** The nft processes that turnpike has started lately, by which it knows its own writes. */
export class OwnWrites {
  readonly #pids = new Set<number>();
  /** Those that were started and whose number has not come. */
  #unnamed = 0;
  readonly #waiting: (() => void)[] = [];
  readonly #clock: Clock;
  #cancel: (() => void) | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A process is started now. @returns to be told of it; always told of its end */
  begun(): Told {
    let isUnnamed = true;
    this.#unnamed += 1;
    return (pid) => {
      if (pid !== undefined) this.#keep(pid);
      if (isUnnamed) this.#unnamed -= 1;
      isUnnamed = false;
      if (this.#unnamed === 0) this.#act();
    };
  }

  /**
   * Acts when each process has its number, and after a second at the latest: what the kernel tells of a write may be read
   * ahead of that.
   */
  whenNamed(act: () => void): void {
    this.#waiting.push(act);
    if (this.#unnamed === 0) this.#act();
    else this.#cancel ??= this.#clock.after(mostWaitMs, () => this.#act());
  }

  has(pid: number): boolean {
    return this.#pids.has(pid);
  }

  #act(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    for (const act of this.#waiting.splice(0)) act();
  }

  #keep(pid: number): void {
    this.#pids.delete(pid);
    this.#pids.add(pid);
    if (this.#pids.size > most) this.#pids.delete(this.#pids.values().next().value!);
  }
}
