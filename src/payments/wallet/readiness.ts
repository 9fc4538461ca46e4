import { HttpError, requestJson } from '../../http/request.js';
import type { Clock } from '../../ports/clock.js';

/** How long servers that were away are left alone before they are asked again, in ms: twice as long each time. */
const [firstMs, longestMs] = [1_000, 60_000];

/** What asks whether a wallet can be paid with. */
export interface Ready {
  readonly isReady: boolean;
}

/**
 * Whether the servers of a wallet's schemes are there. They are, until a request fails and they do not answer when they
 * are asked; then they are asked again until they do. A single answer that is lost changes nothing.
 */
export class Readiness implements Ready {
  readonly #clock: Clock;
  readonly #ask: () => Promise<boolean>;
  #isReady = true;
  #isAsking = false;
  #isStopped = false;
  /** Until they are asked again; undefined while they are there. */
  #again: (() => void) | undefined;
  #waitMs = firstMs;

  /** @param ask whether all that is needed answers; it does not reject */
  constructor(clock: Clock, ask: () => Promise<boolean>) {
    this.#clock = clock;
    this.#ask = ask;
  }

  get isReady(): boolean {
    return this.#isReady;
  }

  /** A request had no answer. */
  doubt(): void {
    if (!this.#again) void this.#look();
  }

  stop(): void {
    this.#isStopped = true;
    this.#again?.();
  }

  async #look(): Promise<void> {
    if (this.#isAsking || this.#isStopped) return;
    this.#isAsking = true;
    this.#isReady = await this.#ask();
    this.#isAsking = false;
    this.#again = undefined;
    if (this.#isReady || this.#isStopped) {
      this.#waitMs = firstMs;
      return;
    }
    this.#again = this.#clock.after(this.#waitMs, () => void this.#look());
    this.#waitMs = Math.min(2 * this.#waitMs, longestMs);
  }
}

/** Whether one server at least is there: also one that does not know the path. */
export async function isAnyThere(
  servers: readonly { readonly url: string; readonly headers?: Readonly<Record<string, string>> }[],
  path: string,
  timeoutMs: number,
): Promise<boolean> {
  const found = servers.map(async ({ url, headers }) => {
    try {
      const address = url.replace(/\/+$/, '') + path;
      return (await requestJson(address, timeoutMs, undefined, headers)).status < 500;
    } catch (cause) {
      if (cause instanceof HttpError) return false;
      throw cause;
    }
  });
  return (await Promise.all(found)).includes(true);
}
