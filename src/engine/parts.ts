import type { Book } from '../domain/book.js';
import type { ReviewLimits } from '../domain/review.js';
import type { TimeZone } from '../domain/time-zone.js';
import type { Millis } from '../domain/units.js';
import type { Clock } from '../ports/clock.js';
import type { Journal } from '../ports/journal.js';
import type { Kernel, KernelNews, Wanted } from '../ports/kernel.js';
import type { Log } from '../ports/log.js';
import type { Notice } from '../ports/notice.js';
import type { Cadence, DoublePolicy, Portal } from '../ports/portal.js';
import type { Premises } from '../ports/premises.js';
import type { Offer } from './sales.js';

/** A portal with the settings that concern it alone. */
export interface PortalSetup {
  readonly portal: Portal;
  readonly cadence: Cadence;
  /** Clients with no session are shut; not so where others open this portal's gates too. */
  readonly exclusive: boolean;
  /** What is done when one MAC turns out to be two devices. @default report */
  readonly doubleMac?: DoublePolicy;
  /** Restarts the portal when it does not come round by itself; absent where turnpike may not. */
  readonly restart?: () => Promise<void>;
}

/** Settings that a reload replaces. */
export interface Settings extends ReviewLimits {
  readonly offer: Offer;
  /** Names of the portals that are configured, at work or not: the sessions of all others have none. */
  readonly gateways: ReadonlySet<string>;
  /** The interfaces that are for sale. */
  readonly premises: readonly Premises[];
  /** Usage is written this often. */
  readonly flushInterval: Millis;
  /** Codes of new vouchers are kept, sealed, for those who ask for that. @default false */
  readonly reprint?: boolean;
  /** Data is sold even while packets avoid caps and counters. */
  readonly allowOffload?: boolean;
  /** Where the days of free plans begin. @default UTC */
  readonly timeZone?: TimeZone;
  /** Time in which the router was off counts too. */
  readonly billDowntime: boolean;
}

export interface EngineParts {
  readonly book: Book;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly log: Log;
  /** A name for this run, different from that of every other. */
  readonly boot: string;
  /** A name for this run of the router: another one after it was switched on again. */
  readonly machine: string;
  readonly notify: (notice: Notice) => void;
  readonly settings: Settings;
  /** Makes the table in the kernel, and says when to read it; none when it is switched off. */
  readonly kernel?: {
    readonly make: (wanted: Wanted, news: KernelNews) => Kernel;
    readonly cadence: Cadence;
  };
}
