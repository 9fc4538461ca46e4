import type { Mac } from '../domain/mac.js';
import type { Reading } from '../domain/reading.js';
import type { Session } from '../domain/session.js';

/** What the gates of one portal need from the engine around them. */
export interface GateDuties {
  /**
   * Books what a look at the portal found: for `session`, or else for the session that owns the device's
   * traffic.
   */
  bill(readings: readonly Reading[], session: Session | undefined): void;
  /** The gate has been read back open. */
  opened(session: Session): void;
  /** The client is not there any more. */
  away(session: Session): void;
  /** The gate has been read back shut: the session is over. */
  shut(session: Session): Promise<void>;
  /** Resolves when the kernel lets pass of this device what its session may. */
  hold(mac: Mac): Promise<void>;
  /** May this session open now, or must another of its user close first? */
  mayOpen(session: Session): boolean;
}
