/** How many processes are remembered: the kernel tells of a write within moments. */
const most = 64;

/** Told the number of a process, and, with none, that it has ended. */
export type Told = (pid?: number) => void;

/** The nft processes that turnpike has started lately, by which it knows its own writes. */
export class OwnWrites {
  readonly #pids = new Set<number>();
  /** Those that were started and whose number has not come. */
  #unnamed = 0;
  #waiting: (() => void)[] = [];

  /** A process is started now. @returns to be told of it; always told of its end */
  begun(): Told {
    let isUnnamed = true;
    this.#unnamed += 1;
    return (pid) => {
      if (pid !== undefined) this.#keep(pid);
      if (isUnnamed) this.#unnamed -= 1;
      isUnnamed = false;
      if (this.#unnamed === 0) for (const act of this.#waiting.splice(0)) act();
    };
  }

  /** Acts when each process has its number: what the kernel tells of a write may be read ahead of that. */
  whenNamed(act: () => void): void {
    if (this.#unnamed === 0) act();
    else this.#waiting.push(act);
  }

  has(pid: number): boolean {
    return this.#pids.has(pid);
  }

  #keep(pid: number): void {
    this.#pids.delete(pid);
    this.#pids.add(pid);
    if (this.#pids.size > most) this.#pids.delete(this.#pids.values().next().value!);
  }
}
