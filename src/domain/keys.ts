import { LongList } from './long-list.js';

/** What was done under one idempotency key. */
export interface KeyEntry {
  /** Digest of the request: the same key with another request is an error. */
  readonly digest: string;
  /** The sessions that the request made or changed. */
  readonly sessions: readonly string[];
  /** Wall clock, ms since 1970. */
  readonly at: number;
}

/** A key as the snapshot keeps it. */
export interface PlainKey extends KeyEntry {
  readonly key: string;
}

/** The newest keys that are remembered; older ones are forgotten, oldest first. */
const kept = 10_000;

/** Idempotency keys in the order of their use. */
export class Keys {
  readonly #entries = new Map<string, KeyEntry>();

  constructor(plain: readonly PlainKey[]) {
    for (const { key, ...entry } of plain) this.#entries.set(key, entry);
  }

  get(key: string): KeyEntry | undefined {
    return this.#entries.get(key);
  }

  add(key: string, digest: string, sessions: readonly string[], at: number): void {
    this.#entries.set(key, { digest, sessions, at });
    if (this.#entries.size > kept) this.#entries.delete(this.#entries.keys().next().value!);
  }

  remove(key: string): void {
    this.#entries.delete(key);
  }

  toPlain(): LongList<PlainKey> {
    return LongList.of(this.#entries, ([key, entry]) => ({ key, ...entry }));
  }
}
