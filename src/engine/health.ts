import type { PollOutcome } from '../domain/reading.js';
import type { Clock } from '../ports/clock.js';
import type { Log } from '../ports/log.js';

/** A portal that leaves a request unanswered for so long counts as busy, in ms. */
const busyMs = 2_000;
/** Failed polls in a row after which a portal counts as down. */
const downAfter = 3;
/**
 * A portal that is down or lags for this many polls is restarted where that is allowed, and not more often than this.
 * A lag ends in no other way, and is seen with certainty.
 */
const restartAfter = { down: 10, lagging: 3 };
const restartEveryMs = 300_000;

/** Figures of a portal for `status`. */
export interface HealthStatus {
  /**
   * `busy`: it has not answered for longer than is usual; `lagging`: it answers late, for it does not know of all that
   * wait; `full`: it lists more devices than can be counted.
   */
  readonly state: 'starting' | 'up' | 'busy' | 'lagging' | 'full' | 'down';
  readonly clients: number;
  readonly lastPollMs: number;
  readonly polls: number;
  readonly failedPolls: number;
  /** Polls whose reply was cut short or held a client that could not be read. */
  readonly partialPolls: number;
  /** Connections that wait at the portal without its knowing. */
  readonly lag: number;
  readonly restarts: number;
  readonly error: string;
}

export interface HealthOptions {
  readonly name: string;
  readonly clock: Clock;
  readonly log: Log;
  /** Restarts the portal; absent where turnpike may not. */
  readonly restart: (() => Promise<void>) | undefined;
}

/** Whether a portal answers. What changes is said once, not at every poll. */
export class Health {
  readonly #options: HealthOptions;
  #status: HealthStatus = {
    state: 'starting',
    clients: 0,
    lastPollMs: 0,
    polls: 0,
    failedPolls: 0,
    partialPolls: 0,
    lag: 0,
    restarts: 0,
    error: '',
  };
  /** Polls in a row that failed, and that found a lag. */
  #failed = 0;
  #lagged = 0;
  #partial = false;
  #restartedAt = Number.NEGATIVE_INFINITY;

  constructor(options: HealthOptions) {
    this.#options = options;
  }

  get status(): HealthStatus {
    return this.#status;
  }

  /** The status while a request has waited for `waitingMs`. */
  statusAt(waitingMs: number): HealthStatus {
    if (!this.isUp || waitingMs < busyMs) return this.#status;
    const error = `busy: no answer for ${Math.floor(waitingMs / 1000)} s`;
    return { ...this.#status, state: 'busy', error };
  }

  /** The portal answers. */
  get isUp(): boolean {
    return this.#status.state !== 'starting' && this.#status.state !== 'down';
  }

  /** It lists more devices than can be counted. */
  get isFull(): boolean {
    return this.#status.state === 'full';
  }

  /** Replies that had all of the portal's clients in them. */
  get wholeReplies(): number {
    const { polls, failedPolls, partialPolls } = this.#status;
    return polls - failedPolls - partialPolls;
  }

  /** Takes in a poll. @returns what it changed. */
  note(outcome: PollOutcome): 'up' | 'down' | undefined {
    const { polls } = this.#status;
    this.#status = { ...this.#status, polls: polls + 1, lastPollMs: outcome.tookMs };
    return outcome.ok ? this.#answered(outcome) : this.#missed(outcome);
  }

  #answered({ clients, lag, complete, unmetered }: PollOutcome & { ok: true }): 'up' | undefined {
    const cameUp = !this.isUp;
    this.#failed = 0;
    this.#lagged = lag > 0 ? this.#lagged + 1 : 0;
    this.#notePartial(complete);
    const state = unmetered > 0 ? 'full' : lag > 0 ? 'lagging' : 'up';
    const error = { full: tooMany(unmetered), lagging: lagging(lag), up: '' }[state];
    this.#sayState(state, error);
    this.#status = { ...this.#status, state, clients, lag, error };
    if (cameUp) this.#say('info', `portal is up, ${clients} clients`);
    if (this.#lagged >= restartAfter.lagging) this.#restart();
    return cameUp ? 'up' : undefined;
  }

  #sayState(state: 'full' | 'lagging' | 'up', error: string): void {
    const before = this.#status.state;
    if (state === before) return;
    if (state !== 'up') this.#say('warn', `portal is ${error}`);
    else if (before === 'lagging') this.#say('info', 'portal no longer lags');
    else if (before === 'full') this.#say('info', 'all devices are counted again');
  }

  #notePartial(complete: boolean): void {
    if (!complete) this.#status = { ...this.#status, partialPolls: this.#status.partialPolls + 1 };
    if (!complete && !this.#partial)
      this.#say('warn', 'a reply was cut short or odd: counting what was whole');
    this.#partial = !complete;
  }

  #missed({ reason, detail }: PollOutcome & { ok: false }): 'down' | undefined {
    const error = `${reason}: ${detail}`;
    this.#failed += 1;
    this.#status = { ...this.#status, failedPolls: this.#status.failedPolls + 1, error };
    if (this.isUp && (reason === 'busy' || reason === 'timeout'))
      this.#status = { ...this.#status, state: 'busy' };
    if (this.#failed >= restartAfter.down) this.#restart();
    if (this.#failed < downAfter || this.#status.state === 'down') return undefined;
    this.#status = { ...this.#status, state: 'down' };
    this.#say('warn', `portal is down: ${error}`);
    return 'down';
  }

  #restart(): void {
    const { restart, clock } = this.#options;
    const now = clock.mono();
    if (!restart || now - this.#restartedAt < restartEveryMs) return;
    this.#restartedAt = now;
    this.#status = { ...this.#status, restarts: this.#status.restarts + 1 };
    this.#say('warn', 'restarting the portal');
    restart().catch((cause: Error) => this.#say('error', `cannot restart the portal: ${cause.message}`));
  }

  #say(level: 'info' | 'warn' | 'error', text: string): void {
    this.#options.log(level, `${this.#options.name}: ${text}`);
  }
}

function lagging(lag: number): string {
  return `lagging: ${lag} requests wait that it does not know of, so each answer comes late; a restart mends it`;
}

function tooMany(unmetered: number): string {
  return `full: ${unmetered} devices more than can be counted, so nothing is sold here`;
}
