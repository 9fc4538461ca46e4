import type { Hold } from '../domain/hold.js';
import { type Session, timeRuns } from '../domain/session.js';

/**
 * When so many bytes have come for a device that is away, nothing more does: so much is sent again and again to one that
 * has left. Who only listens would have it for nothing where time stands still meanwhile. What comes between two looks
 * at the counters comes on top.
 */
const mostBytes = 131_072;

/** Counts what comes for devices that are away and send nothing, while their time stands still. */
export class Strays {
  readonly #bytes = new Map<string, number>();

  /** Takes in what a session moved. @returns whether its {@link held hold} is another one from now on */
  note(session: Session, up: number, down: number): boolean {
    const { id } = session;
    const was = this.#isEnough(id);
    if (up > 0 || !isPaused(session)) this.forget(id);
    else this.#bytes.set(id, (this.#bytes.get(id) ?? 0) + down);
    return this.#isEnough(id) !== was;
  }

  /** The hold, with nothing that comes in where that is enough. */
  held(hold: Hold, session: Session): Hold {
    return isPaused(session) && this.#isEnough(session.id) ? { ...hold, deaf: true } : hold;
  }

  /** The session goes on, or is over. */
  forget(id: string): void {
    this.#bytes.delete(id);
  }

  #isEnough(id: string): boolean {
    return (this.#bytes.get(id) ?? 0) >= mostBytes;
  }
}

function isPaused(session: Session): boolean {
  return session.state === 'suspended' && !timeRuns(session);
}
