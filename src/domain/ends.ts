import type { Cause } from './session.js';

/** Ends as the snapshot keeps them. */
export interface PlainEnds {
  /** The idempotency key of what decided them. */
  readonly key: string;
  readonly cause: Cause;
  readonly sessions: readonly string[];
}

/**
 * Ends that a sale or a log-out has decided and that have not happened yet. They are kept so that a crash in
 * between cancels none of them.
 */
export class Ends {
  readonly #decided = new Map<string, { readonly cause: Cause; readonly sessions: Set<string> }>();

  constructor(plain: readonly PlainEnds[] = []) {
    for (const { key, cause, sessions } of plain) this.decide(key, cause, sessions);
  }

  /** Those that were decided under `key`, or all of them. */
  of(key?: string): { readonly id: string; readonly cause: Cause }[] {
    const found = [...this.#decided].filter(([by]) => key === undefined || by === key);
    return found.flatMap(([, { cause, sessions }]) => [...sessions].map((id) => ({ id, cause })));
  }

  /** The session is about to end. */
  has(id: string): boolean {
    return [...this.#decided.values()].some(({ sessions }) => sessions.has(id));
  }

  decide(key: string, cause: Cause, sessions: readonly string[]): void {
    if (sessions.length > 0) this.#decided.set(key, { cause, sessions: new Set(sessions) });
  }

  /** The session has ended, or came to nothing. */
  came(id: string): void {
    for (const [key, { sessions }] of this.#decided) {
      sessions.delete(id);
      if (sessions.size === 0) this.#decided.delete(key);
    }
  }

  takeBack(key: string): void {
    this.#decided.delete(key);
  }

  toPlain(): PlainEnds[] {
    return [...this.#decided].map(([key, { cause, sessions }]) => ({ key, cause, sessions: [...sessions] }));
  }
}
