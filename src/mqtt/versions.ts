/** Versions of MQTT by their protocol level: 4 is 3.1.1. */
export type Version = 5 | 4;

/**
 * Which version of MQTT the next connection speaks: 5, and 3.1.1 with a broker that refuses 5 or ends the connection
 * without a word.
 */
export class Versions {
  readonly #only: Version | undefined;
  #next: Version;
  /** 3.1.1 is tried because the broker ended a connection in 5 without a word: the one after it is in 5 again. */
  #isGuess = false;

  /** @param only the owner's choice: no other is tried */
  constructor(only: Version | undefined) {
    this.#only = only;
    this.#next = only ?? 5;
  }

  get next(): Version {
    return this.#next;
  }

  /** A connection has ended. @returns whether the broker is to be asked in 3.1.1 at once */
  ended(how: 'refused' | 'wordless' | 'otherwise'): boolean {
    if (how !== 'otherwise' && this.#next === 5 && !this.#only) {
      this.#next = 4;
      this.#isGuess = how === 'wordless';
      return true;
    }
    // A broker that was just going down ends connections without a word, too.
    if (this.#isGuess) this.#next = 5;
    this.#isGuess = false;
    return false;
  }
}

/**
 * Whether an error before the CONNACK says no more than that the broker has closed: a reset, as a broker sends that
 * closes with the rest of the CONNECT unread. TLS and WebSocket have errors of the same code, without a system call,
 * when their own handshake ends.
 */
export function isReset({ code, syscall }: { readonly code?: unknown; readonly syscall?: unknown }): boolean {
  return (code === 'ECONNRESET' || code === 'EPIPE') && (syscall === 'read' || syscall === 'write');
}
