import type { Section } from '../config/section.js';
import type { Session } from '../domain/session.js';
import type { Clock } from './clock.js';
import type { Log } from './log.js';

/**
 * How well a connection to other programs works. `connecting`: no server has answered yet, and none has
 * failed.
 */
export interface Standing {
  readonly state: 'up' | 'down' | 'connecting';
  /** What went wrong last; empty when all is well. Never holds a secret. */
  readonly error: string;
}

/** What the daemon lends to everything that speaks to a server. */
export interface UpstreamParts {
  /** The router's name. */
  readonly router: string;
  /** Names this run of the daemon. */
  readonly boot: string;
  readonly clock: Clock;
  readonly log: Log;
  /** Sessions that have not ended. */
  running(): Iterable<Session>;
  /** Makes an id that was never used. */
  newId(): string;
}

/**
 * A server, or several that belong together, as one section of the configuration describes them. Members of several
 * seams may stand on it: RADIUS authorises, is told, and gives orders.
 *
 * `C`: the section as it was read. `L`: what the members share, such as a connection.
 */
export interface Upstream<C, L> {
  readonly section: Section<C>;
  /** The owner's files that it reads, such as certificates. */
  files?(config: C): readonly (string | undefined)[];
  /** Makes what the members share. Nothing is sent before {@link start}. */
  open(config: C, parts: UpstreamParts): Promise<L>;
  /** Begins, when every member is there. */
  start?(link: L): void;
  /** Ends, after every member has. */
  close?(link: L): Promise<void>;
}
