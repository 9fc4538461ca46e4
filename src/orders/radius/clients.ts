import { lookup } from 'node:dns/promises';
import type { Clock } from '../../ports/clock.js';

export interface ClientsParts {
  /** Names or addresses. */
  readonly names: readonly string[];
  readonly clock: Clock;
  /** Told of all addresses that are known, each time that they have been looked up. */
  readonly known: (addresses: readonly string[]) => void;
  /** Told once of a name that has no address for now. */
  readonly missing: (name: string) => void;
  /** Every address of a name. @throws when it has none. @default the system's resolver */
  readonly find?: (name: string) => Promise<readonly string[]>;
}

/** Waits before names are looked up again, in ms: while one of them has no address, and otherwise. */
const [soonMs, laterMs] = [15_000, 600_000];

/**
 * The addresses of the servers that may give orders, looked up again from time to time: the DNS may not be there at
 * boot.
 */
export class Clients {
  readonly #parts: ClientsParts;
  readonly #find: (name: string) => Promise<readonly string[]>;
  /** The addresses of each name at its last look-up that succeeded: better than none while the DNS is away. */
  readonly #addresses = new Map<string, readonly string[]>();
  readonly #missing = new Set<string>();
  #lookedAt = Number.NEGATIVE_INFINITY;
  #cancel = () => {};
  #stopped = false;

  constructor(parts: ClientsParts) {
    this.#parts = parts;
    this.#find = parts.find ?? addressesOf;
  }

  /** Looks them up, and again from time to time until {@link stop}. */
  start(): void {
    void this.#look();
  }

  /** An unknown sender has sent an order: a name may have got another address. */
  stranger(): void {
    if (this.#parts.clock.mono() - this.#lookedAt >= soonMs) void this.#look();
  }

  stop(): void {
    this.#stopped = true;
    this.#cancel();
  }

  async #look(): Promise<void> {
    const { names, clock, known } = this.#parts;
    this.#cancel();
    this.#lookedAt = clock.mono();
    await Promise.all(names.map((name) => this.#lookUp(name)));
    if (this.#stopped) return;
    known([...this.#addresses.values()].flat());
    const wait = this.#missing.size > 0 ? soonMs : laterMs;
    this.#cancel();
    this.#cancel = clock.after(wait, () => void this.#look());
  }

  async #lookUp(name: string): Promise<void> {
    try {
      this.#addresses.set(name, await this.#find(name));
      this.#missing.delete(name);
    } catch {
      if (!this.#missing.has(name)) this.#parts.missing(name);
      this.#missing.add(name);
    }
  }
}

async function addressesOf(name: string): Promise<string[]> {
  return (await lookup(name, { all: true })).map(({ address }) => address);
}
