/** How many processes are remembered: the kernel tells of a write within moments. */
const most = 64;

/** The nft processes that turnpike has started lately, by which it knows its own writes. */
export class OwnWrites {
  readonly #pids = new Set<number>();

  started(pid: number): void {
    this.#pids.delete(pid);
    this.#pids.add(pid);
    if (this.#pids.size > most) this.#pids.delete(this.#pids.values().next().value!);
  }

  has(pid: number): boolean {
    return this.#pids.has(pid);
  }
}
