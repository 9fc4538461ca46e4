import type { View } from '../api/view.js';
import { formatFaults } from '../config/fault.js';
import { needsRestart } from '../config/main.js';
import type { Log } from '../ports/log.js';
import type { Config, ConfigResult } from './schema.js';
import { Turns } from './turns.js';

/** What a reload is made of. */
export interface ReloadParts {
  readonly load: () => ConfigResult;
  readonly log: Log;
  /** What the daemon was started with. */
  readonly started: Config;
  /** Puts a configuration to work. */
  readonly apply: (config: Config) => Promise<void>;
}

const stopping = { code: 'stopping', message: 'turnpike is being stopped: try again later' };

/**
 * Applies the configuration again and ends the daemon, one after the other: otherwise one would start what
 * the other ends.
 */
export class Reload {
  readonly #parts: ReloadParts;
  readonly #turns = new Turns();
  #isStopping = false;

  constructor(parts: ReloadParts) {
    this.#parts = parts;
  }

  /** The answer to the ubus method `reload`: applied, or the faults with nothing changed. */
  async run(): Promise<View> {
    // At once: the end waits for the answer to this call.
    if (this.#isStopping) return { applied: false, error: stopping };
    return this.#turns.run(() => this.#once());
  }

  /** Runs `end` when the reload under way is over; none begins any more. */
  stop(end: () => Promise<void>): Promise<void> {
    this.#isStopping = true;
    return this.#turns.run(end);
  }

  async #once(): Promise<View> {
    const { load, log, started, apply } = this.#parts;
    if (this.#isStopping) return { applied: false, error: stopping };
    const next = load();
    if (!next.ok) {
      for (const line of formatFaults(next.faults).split('\n')) log('error', `configuration: ${line}`);
      const message = `${next.faults.length} faults: the old configuration stays`;
      const faults = next.faults.map((fault) => ({ ...fault }));
      return { applied: false, error: { code: 'bad_config', message }, faults };
    }
    await apply(next.config);
    const { plans, gateways, main } = next.config;
    const restart = needsRestart(started.main, main);
    log('info', `configuration applied: ${plans.length} plans, ${gateways.length} gateways`);
    if (restart.length > 0) log('warn', `configuration: a restart of turnpike applies ${restart.join(', ')}`);
    return { applied: true, ...(restart.length > 0 && { needs_restart: restart }) };
  }
}
