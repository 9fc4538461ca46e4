import { isUsable, type Session, timeRuns } from '../domain/session.js';
import { remainingOf } from '../domain/usage.js';
import type { Clock } from '../ports/clock.js';

/** The longest wait that a timer of the platform can hold (2^31 - 1 ms, 24 days); longer ones are taken in legs. */
const longestLeg = 0x7fff_ffff;

/** One exact timer for each session with a time limit that is running. */
export class Deadlines {
  readonly #timers = new Map<string, () => void>();
  readonly #clock: Clock;
  readonly #reached: (id: string) => void;
  #running = false;

  /**
   * `reached` is called when the time may be up. It checks the session and arms the timer again if time is
   * left.
   */
  constructor(clock: Clock, reached: (id: string) => void) {
    this.#clock = clock;
    this.#reached = reached;
  }

  /** Sets the timers of `sessions`; none is set before. Those whose time is up are reached at once. */
  start(sessions: Iterable<Session>): void {
    this.#running = true;
    for (const session of [...sessions]) {
      if ((timeLeft(session) ?? 1) <= 0) this.#reached(session.id);
      else this.arm(session);
    }
  }

  /** Sets the session's timer anew, or takes it away when no time runs. Its time must be counted up to now. */
  arm(session: Session): void {
    this.#timers.get(session.id)?.();
    this.#timers.delete(session.id);
    const left = this.#running ? timeLeft(session) : undefined;
    if (left === undefined) return;
    const cancel = this.#clock.after(Math.min(Math.max(1, left), longestLeg), () => {
      this.#timers.delete(session.id);
      this.#reached(session.id);
    });
    this.#timers.set(session.id, cancel);
  }

  stop(): void {
    this.#running = false;
    for (const cancel of this.#timers.values()) cancel();
    this.#timers.clear();
  }
}

function timeLeft(session: Session): number | undefined {
  if (session.openedAt === undefined || !isUsable(session)) return undefined;
  const { granted, usage } = session;
  const metered = timeRuns(session) ? remainingOf(granted, usage, 'millis') : undefined;
  const valid = remainingOf(granted, usage, 'validity');
  return metered === undefined ? valid : Math.min(metered, valid ?? metered);
}
