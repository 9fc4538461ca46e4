import type { Mac } from '../domain/mac.js';
import type { GateOutcome } from '../domain/reading.js';
import type { Log } from '../ports/log.js';
import type { Gate } from './gate.js';

type Failed = GateOutcome & { readonly ok: false };

/**
 * Logs once that a gate fails, and again only after the gate has worked. A portal that answers no call is
 * logged once for all of its gates.
 */
export class Complaints {
  readonly #portal: string;
  readonly #log: Log;
  /** The last turn failed for a reason that has nothing to do with its gate. */
  #deaf = false;

  constructor(portal: string, log: Log) {
    this.#portal = portal;
    this.#log = log;
  }

  /** The portal has done a turn. */
  worked(): void {
    this.#deaf = false;
  }

  failed(gate: Gate, what: 'open' | 'close', mac: Mac, { reason, detail }: Failed): void {
    const silent = gate.failures > 0 || (reason !== 'unchanged' && this.#deaf);
    if (reason !== 'unchanged') this.#deaf = true;
    if (!silent) this.#log('warn', `${this.#portal}: cannot ${what} the gate of ${mac}: ${detail}`);
  }

  /** A gate was shut that the portal had opened by itself after a restart. */
  letIn(mac: Mac): void {
    this.#log('info', `${this.#portal}: shut ${mac}, let in by a restart`);
  }

  /** A defect of turnpike itself. */
  broke(mac: Mac, cause: unknown): void {
    const text = cause instanceof Error ? cause.stack : cause;
    this.#log('error', `${this.#portal}: gate of ${mac}: ${text}`);
  }
}
