import type { Mac } from '../domain/mac.js';
import type { ReviewLimits } from '../domain/review.js';
import type { Session } from '../domain/session.js';
import type { Clock } from '../ports/clock.js';
import type { Log } from '../ports/log.js';
import type { Notice } from '../ports/notice.js';
import type { Cadence, DoublePolicy } from '../ports/portal.js';
import type { KernelMeter } from './billing.js';
import type { HealthStatus } from './health.js';

/** What a watch asks of the kernel. */
export interface KernelDuties extends KernelMeter {
  /** Resolves when the kernel lets pass of this device what its session may. */
  syncDevice(mac: Mac): Promise<void>;
  /** Recent rates of a session, in bytes a second. */
  rates(id: string): { readonly up: number; readonly down: number };
}

/** What a watch asks of the engine. */
export interface WatchDuties {
  /** Ends a session for a reason that the watch found. */
  end(session: Session, cause: 'data' | 'time' | 'idle' | 'lost' | 'conflict'): void;
  opened(session: Session): void;
  shut(session: Session): Promise<void>;
  mayOpen(session: Session): boolean;
  notify(notice: Notice): void;
  /** Gate, caps and meter in the kernel; undefined when that is switched off. */
  readonly kernel: KernelDuties | undefined;
  /** The portal has answered a look; `told`: of whom it has told news. Sessions that wait elsewhere follow their device. */
  looked(gateway: string, told: ReadonlySet<Mac>): void;
}

export interface WatchOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly cadence: Cadence;
  readonly exclusive: boolean;
  readonly doubleMac: DoublePolicy;
  /** Restarts the portal, where turnpike may. */
  readonly restart: (() => Promise<void>) | undefined;
  /** Read at each use: a reload changes them. */
  readonly limits: () => ReviewLimits;
}

/** Figures of a portal for `status`. */
export interface WatchStatus extends HealthStatus {
  readonly name: string;
  readonly gatesFailing: number;
  /** Times that one MAC was found on two devices. */
  readonly doubles: number;
}
