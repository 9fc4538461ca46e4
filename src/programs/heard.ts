/** No sign is longer, in bytes. */
const signBytes = 64;

/** What a program printed on one stream, until the shell's sign is there. */
export class Heard {
  readonly #sign: RegExp;
  readonly #mostBytes: number;
  readonly #chunks: Buffer[] = [];
  #kept = 0;
  #length = 0;
  #end = '';

  /** @param mostBytes as much is kept; what comes behind it is left out */
  constructor(token: string, mostBytes: number) {
    this.#sign = new RegExp(`${token} \\d+\\n$`);
    this.#mostBytes = mostBytes;
  }

  push(chunk: Buffer): void {
    if (!this.isFull) {
      this.#chunks.push(chunk);
      this.#kept += chunk.length;
    }
    this.#length += chunk.length;
    this.#end = `${this.#end}${chunk.subarray(-signBytes).toString('latin1')}`.slice(-signBytes);
  }

  /** The sign is there. */
  get isOver(): boolean {
    return this.#sign.test(this.#end);
  }

  /** More was printed than is kept. */
  get isFull(): boolean {
    return this.#kept > this.#mostBytes;
  }

  /** As much of it as was kept, without the sign. */
  bytes(): Buffer {
    const printed = this.#length - (this.#sign.exec(this.#end)?.[0].length ?? 0);
    return Buffer.concat(this.#chunks).subarray(0, Math.min(printed, this.#mostBytes));
  }
}
