import type { Notice } from '../ports/notice.js';
import type { UpstreamStatus } from '../ports/sink.js';

/** Upstreams are looked at this often, in ms: a state that is over before is not worth a notice. */
const lookMs = 1_000;

/** Tells when an upstream begins to answer, and when it no longer does. */
export class Sinks {
  readonly #standings: () => readonly (UpstreamStatus & { readonly name: string })[];
  readonly #notify: (notice: Notice) => void;
  readonly #told = new Map<string, 'up' | 'down'>();
  #timer: NodeJS.Timeout | undefined;

  constructor(
    standings: () => readonly (UpstreamStatus & { readonly name: string })[],
    notify: (notice: Notice) => void,
  ) {
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

  /** Tells what has changed since the last look. One that is still connecting has neither failed nor come up. */
  look(): void {
    const standings = this.#standings();
    const names = new Set(standings.map(({ name }) => name));
    for (const name of this.#told.keys()) if (!names.has(name)) this.#told.delete(name);
    for (const { name, state, error } of standings) {
      if (state === 'connecting' || this.#told.get(name) === state) continue;
      this.#told.set(name, state);
      this.#notify({ type: `sink.${state}`, sink: name, detail: state === 'up' ? '' : error });
    }
  }
}
