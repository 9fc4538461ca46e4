import type { Mac } from '../domain/mac.js';
import { refuse } from '../domain/refuse.js';
import type { Clock } from '../ports/clock.js';
import type { Refusal } from '../ports/result.js';

/** Wrong guesses that are free, and the time in which one of them is forgiven. */
export interface AttemptLimit {
  readonly burst: number;
  readonly forgiveMs: number;
}

const perClient: AttemptLimit = { burst: 5, forgiveMs: 60_000 };
const inAll: AttemptLimit = { burst: 60, forgiveMs: 1_000 };
/**
 * Wrong codes in all of clients that come with one while others use up that limit: a right code is taken all the same.
 * 49 bits of a code against eleven guesses a second: some 200 years for one of 10,000 vouchers.
 */
const spared: AttemptLimit = { burst: 300, forgiveMs: 100 };
/**
 * Clients that are remembered. A client that guesses under more addresses meets the limit for all clients.
 */
const mostClients = 1000;

/** A leaky bucket: wrong guesses, forgiven one by one. */
interface Bucket {
  level: number;
  at: number;
}

/** Counts wrong guesses per client and in all. A right code is never counted. */
export class Attempts {
  readonly #clients = new Map<Mac, Bucket>();
  readonly #all: Bucket = { level: 0, at: 0 };
  readonly #spared: Bucket = { level: 0, at: 0 };

  /** Milliseconds until this client may try; 0 for now. `now` is monotonic, in ms. */
  wait(mac: Mac, now: number): number {
    const client = this.#clients.get(mac);
    return Math.max(over(this.#all, inAll, now), client ? over(client, perClient, now) : 0);
  }

  /** Why this client may not try now. */
  tooMany(mac: Mac, clock: Clock): Refusal | undefined {
    const wait = this.wait(mac, clock.mono());
    if (wait === 0) return undefined;
    const message = `too many wrong codes: try again in ${Math.ceil(wait / 1000)} s`;
    return refuse('too_many_attempts', message, clock.wall() + wait);
  }

  /**
   * Others have used up the limit for all, and this client may still bring a right code. A wrong one {@link failed}, and is
   * refused as if nobody had looked. Not for passwords, which are easier to guess.
   */
  isSpared(mac: Mac, now: number): boolean {
    const client = this.#clients.get(mac);
    return over(this.#spared, spared, now) === 0 && (!client || over(client, perClient, now) === 0);
  }

  /** A wrong guess. */
  failed(mac: Mac, now: number): void {
    const client = this.#clients.get(mac) ?? { level: 0, at: now };
    this.#clients.delete(mac);
    this.#clients.set(mac, client);
    if (this.#clients.size > mostClients) this.#clients.delete(this.#clients.keys().next().value!);
    add(client, perClient, now);
    if (over(this.#all, inAll, now) > 0) add(this.#spared, spared, now);
    else add(this.#all, inAll, now);
  }
}

function over(bucket: Bucket, limit: AttemptLimit, now: number): number {
  return Math.max(0, Math.ceil((level(bucket, limit, now) + 1 - limit.burst) * limit.forgiveMs));
}

function add(bucket: Bucket, limit: AttemptLimit, now: number): void {
  bucket.level = level(bucket, limit, now) + 1;
  bucket.at = now;
}

function level(bucket: Bucket, { forgiveMs }: AttemptLimit, now: number): number {
  return Math.max(0, bucket.level - (now - bucket.at) / forgiveMs);
}
