/** What became of a request: its reply, or that it is under way. */
type Entry = { readonly since: number; reply: Buffer | undefined };

/**
 * Keeps the replies of the last while, so that a request that comes again gets the very same reply (RFC 5176 §2.3,
 * §6.3).
 *
 * The key of a request is its authenticator, a digest of the secret and of all octets of the request, the identifier
 * among them. Address and port are left out of the key on purpose: a copy that somebody sends from elsewhere is a
 * repeat as well.
 */
export class Replies {
  readonly #entries = new Map<string, Entry>();
  readonly #lifeMs: number;
  readonly #most: number;

  /** @param most entries; beyond it the oldest goes */
  constructor(lifeMs: number, most: number) {
    this.#lifeMs = lifeMs;
    this.#most = most;
  }

  /** The entry of a request that was there before. */
  find(authenticator: Buffer, now: number): Entry | undefined {
    this.#expire(now);
    return this.#entries.get(keyOf(authenticator));
  }

  /** Takes a request that is new. The answer to it is put into the entry. */
  add(authenticator: Buffer, now: number): Entry {
    const entry: Entry = { since: now, reply: undefined };
    this.#entries.set(keyOf(authenticator), entry);
    if (this.#entries.size > this.#most) this.#dropOldest();
    return entry;
  }

  #expire(now: number): void {
    for (const [key, { since }] of this.#entries) {
      if (now - since < this.#lifeMs) return;
      this.#entries.delete(key);
    }
  }

  #dropOldest(): void {
    for (const [key, { reply }] of this.#entries) {
      if (reply === undefined) continue;
      this.#entries.delete(key);
      return;
    }
  }
}

function keyOf(authenticator: Buffer): string {
  return authenticator.toString('latin1');
}
