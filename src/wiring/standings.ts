import type { Notice } from '../ports/notice.js';
import type { Standing } from '../ports/upstream.js';
import type { Named } from './upstream.js';

/** How often standings are looked at, in ms; a state that lasts for less needs no notice. */
const lookMs = 1_000;

/** What may come up and go down, by the word of its notices. */
export type Seam = 'sink' | 'authorizer' | 'payment';
export type Standings = Readonly<Record<Seam, readonly Named<Standing>[]>>;

/** Sends a notice when a server that turnpike depends on begins to answer, and when it stops. */
export class StandingWatch {
  readonly #standings: () => Standings;
  readonly #notify: (notice: Notice) => void;
  readonly #told = new Map<string, 'up' | 'down'>();
  #timer: NodeJS.Timeout | undefined;

  constructor(standings: () => Standings, notify: (notice: Notice) => void) {
    this.#standings = standings;
    this.#notify = notify;
  }

  /** Looks from now on, until {@link stop}. */
  start(): void {
    this.#timer = setInterval(() => this.look(), lookMs).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /**
   * Tells what has changed since the last look. A server that is still connecting has neither failed nor come
   * up.
   */
  look(): void {
    const standings = this.#standings();
    const seen = new Set<string>();
    for (const seam of ['sink', 'authorizer', 'payment'] as const) {
      for (const standing of standings[seam]) {
        seen.add(`${seam} ${standing.name}`);
        this.#lookAt(seam, standing);
      }
    }
    for (const key of this.#told.keys()) if (!seen.has(key)) this.#told.delete(key);
  }

  #lookAt(seam: Seam, { name, state, error }: Named<Standing>): void {
    const key = `${seam} ${name}`;
    if (state === 'connecting' || this.#told.get(key) === state) return;
    this.#told.set(key, state);
    this.#notify(noticeOf(seam, name, state, state === 'up' ? '' : error));
  }
}

function noticeOf(seam: Seam, name: string, state: 'up' | 'down', detail: string): Notice {
  if (seam === 'sink') return { type: `sink.${state}`, sink: name, detail };
  if (seam === 'authorizer') return { type: `authorizer.${state}`, authorizer: name, detail };
  return { type: `payment.${state}`, payment: name, detail };
}
