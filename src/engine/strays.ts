import type { Hold } from '../domain/hold.js';
import { type Session, timeRuns } from '../domain/session.js';

/**
 * What comes for a device that is away, in bytes, before nothing more does: so much is sent again and again to one that
 * has left. Who only listens would have it for nothing where time stands still meanwhile.
 */
const mostBytes = 131_072;

/** Counts what comes for devices that are away and send nothing, while their time stands still. */
export class Strays {
  readonly #bytes = new Map<string, number>();

  /** Takes in what a session moved. @returns whether nothing more is to come in from now on */
  note(session: Session, up: number, down: number): boolean {
    if (up > 0 || !isPaused(session)) {
      this.forget(session.id);
      return false;
    }
    const before = this.#bytes.get(session.id) ?? 0;
    this.#bytes.set(session.id, before + down);
    return before < mostBytes && before + down >= mostBytes;
  }

  /** The hold, with nothing that comes in where that is enough. */
  held(hold: Hold, session: Session): Hold {
    const isDeaf = isPaused(session) && (this.#bytes.get(session.id) ?? 0) >= mostBytes;
    return isDeaf ? { ...hold, deaf: true } : hold;
  }

  /** The session goes on, or is over. */
  forget(id: string): void {
    this.#bytes.delete(id);
  }
}

function isPaused(session: Session): boolean {
  return session.state === 'suspended' && !timeRuns(session);
}
