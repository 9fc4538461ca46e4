import type { Clock } from '../../ports/clock.js';
import type { Standing } from '../../ports/upstream.js';
import type { Listener } from '../../radius/udp.js';

export interface ListeningParts {
  readonly clock: Clock;
  /** @throws the system's error: the port is taken, or the address is not there. */
  readonly bind: () => Promise<Listener>;
  /** Told of each cause once, until it listens. */
  readonly failed: (message: string) => void;
}

/** A socket that could not be bound is tried again after this, in ms. */
const againMs = 15_000;

/** Listens as soon as it can: a port may be taken, and an address may come up late. */
export class Listening {
  readonly #parts: ListeningParts;
  #listener: Listener | undefined;
  #error = '';
  #trying: Promise<void> = Promise.resolve();
  #cancel = () => {};
  #stopped = false;

  constructor(parts: ListeningParts) {
    this.#parts = parts;
  }

  get standing(): Standing {
    if (this.#listener) return { state: 'up', error: '' };
    return { state: this.#error === '' ? 'connecting' : 'down', error: this.#error };
  }

  /** Resolves after the first try, however it went. */
  start(): Promise<void> {
    this.#trying = this.#try();
    return this.#trying;
  }

  /** Resolves when the port is free again. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancel();
    await this.#trying;
    await this.#listener?.close();
    this.#listener = undefined;
  }

  async #try(): Promise<void> {
    const { bind, failed, clock } = this.#parts;
    try {
      this.#listener = await bind();
      this.#error = '';
    } catch (cause) {
      const { message } = cause as Error;
      if (message !== this.#error) failed(message);
      this.#error = message;
      if (!this.#stopped) this.#cancel = clock.after(againMs, () => void this.start());
    }
  }
}
