import type { Connection } from './connections.js';

const [space, equals] = [32, 61];
const [zero, nine] = [48, 57];
/** First letters of the words in a line, and the second ones of `src` and `dst`. */
const letter = { b: 98, d: 100, m: 109, p: 112, r: 114, s: 115, z: 122 } as const;
/** Length of `src=` and `dst=`. */
const addressWord = 4;
/** Places of the numbers of the two protocols. */
const [network, transport] = [2, 4];
/** FNV-1a, with two beginnings. */
const [prime, firstBasis, secondBasis] = [0x0100_0193, 0x811c_9dc5, 0x9747_b28c];

/**
 * One line of `/proc/net/nf_conntrack`: `ipv4 2 tcp 6 117 TIME_WAIT src=10.0.0.9 dst=192.0.2.1 sport=4 dport=80
 * packets=7 bytes=600 src=192.0.2.1 dst=198.51.100.7 sport=80 dport=4 packets=9 bytes=9000 [ASSURED] mark=16 zone=0
 * use=2`. Reads any number of them, and makes no garbage.
 */
export class ConnectionLine implements Connection {
  low = 0;
  high = 0;
  mark = 0;
  up = 0;
  down = 0;
  #line: Buffer = Buffer.alloc(0);
  /** Directions and amounts that were seen so far. */
  #tuples = 0;
  #amounts = 0;
  /** Where the addresses stand: who asked, who was asked, and the same of the answers. */
  readonly #addresses = [0, 0, 0, 0];

  /** Takes in the line from `begin` to `end`. @returns false for one without amounts, or of another form */
  read(line: Buffer, begin: number, end: number): boolean {
    this.#begin(line);
    let place = 0;
    for (let from = begin; from < end; from++) {
      if (line[from] === space) continue;
      let to = from;
      let value = 0;
      for (; to < end && line[to] !== space; to++) if (value === 0 && line[to] === equals) value = to + 1;
      place += 1;
      if (value !== 0) this.#word(from, value, to);
      else if (place === network || place === transport) this.#hash(from, to);
      from = to;
    }
    if (this.#amounts !== 2 || this.#tuples !== 2) return false;
    this.low >>>= 0;
    this.high >>>= 0;
    if (this.#isForwarded()) [this.up, this.down] = [this.down, this.up];
    return true;
  }

  #begin(line: Buffer): void {
    this.#line = line;
    this.low = firstBasis;
    this.high = secondBasis;
    this.mark = 0;
    this.#tuples = 0;
    this.#amounts = 0;
  }

  #word(from: number, value: number, to: number): void {
    const initial = this.#line[from];
    if (initial === letter.b) this.#amount(this.#number(value, to));
    else if (initial === letter.m) this.mark = this.#number(value, to) >>> 0;
    else if (initial === letter.z) this.#hash(from, to);
    else if (initial !== letter.p) {
      if (value - from === addressWord) this.#address(from, value);
      // The way there names the connection; the answers' follows from it.
      if (this.#tuples === 1) this.#hash(from, to);
    }
  }

  #amount(bytes: number): void {
    if (this.#amounts === 0) this.up = bytes;
    else this.down = bytes;
    this.#amounts += 1;
  }

  #address(from: number, value: number): void {
    const [initial, next] = [this.#line[from], this.#line[from + 1]];
    if (initial === letter.s && next === letter.r) {
      this.#addresses[2 * this.#tuples] = value;
      this.#tuples += 1;
    } else if (initial === letter.d && next === letter.s) this.#addresses[2 * this.#tuples - 1] = value;
  }

  /** It came in through a forwarded port: its answers come from another address than was asked, and go to who asked. */
  #isForwarded(): boolean {
    const [asker = 0, asked = 0, answerer = 0, hearer = 0] = this.#addresses;
    return !this.#isAlike(asked, answerer) && this.#isAlike(asker, hearer);
  }

  #isAlike(one: number, other: number): boolean {
    for (let i = 0; ; i++) {
      const byte = this.#line[one + i];
      if (byte !== this.#line[other + i]) return false;
      if (byte === space || byte === undefined) return true;
    }
  }

  #number(from: number, to: number): number {
    let number = 0;
    for (let at = from; at < to; at++) {
      const byte = this.#line[at]!;
      if (byte < zero || byte > nine) break;
      number = number * 10 + (byte - zero);
    }
    return number;
  }

  #hash(from: number, to: number): void {
    let [low, high] = [this.low, this.high];
    for (let at = from; at <= to; at++) {
      // A space behind each word, so that two words are not one.
      const byte = at === to ? space : this.#line[at]!;
      low = Math.imul(low ^ byte, prime);
      high = Math.imul(high ^ byte, prime) ^ (high >>> 15);
    }
    this.low = low;
    this.high = high;
  }
}
