/** How long a request is waited for, each in ms. */
export interface Patience {
  /** For somebody else's request to end before ours begins. */
  readonly turnMs: number;
  /** For the first byte, and from one byte to the next. */
  readonly silenceMs: number;
  /** For the whole reply. */
  readonly wholeMs: number;
}

/** A list comes in pieces, so silence is a fault sooner than slowness. */
const listing: Patience = { turnMs: 10_000, silenceMs: 5_000, wholeMs: 30_000 };

/**
 * openNDS runs scripts before it answers these: 1.7 s on a fast machine, 10 s on a router. A gate that is given up in
 * the midst of them is turned all the same.
 */
const turning: Patience = { turnMs: 10_000, silenceMs: 45_000, wholeMs: 45_000 };

/** How long the reply to a command is waited for. */
export function patienceFor(command: string): Patience {
  return command.startsWith('json') ? listing : turning;
}
