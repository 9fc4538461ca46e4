import type { View } from '../api/view.js';
import { type Fault, formatFaults } from '../config/fault.js';
import { needsRestart } from '../config/main.js';
import type { Log } from '../ports/log.js';
import type { Config, ConfigResult } from './schema.js';
import { Turns } from './turns.js';

/** So many faults are told of one file: one that is no configuration at all has a fault in each of its lines. */
const mostTold = 100;

/** The configuration is of no use to a daemon that starts; `message` lists its faults. */
export class ConfigError extends Error {
  readonly code = 'bad_config';
}

/** What the file says at the start, and what is wrong with it. */
export interface Loaded {
  readonly config: Config;
  readonly faults: readonly Fault[];
}

/**
 * Reads the configuration for a start: what is without faults, when there are some.
 * @throws {@link ConfigError}
 */
export function loadToStart(load: () => ConfigResult, log: Log): Loaded {
  const result = load();
  if (result.ok) {
    logWarnings(result.config, log);
    return { config: result.config, faults: [] };
  }
  const { faults, sound } = result;
  if (!sound) throw new ConfigError(linesOf(faults).join('\n'));
  logFaults(faults, log);
  const off = namesOf(sound).join(', ');
  log('error', `configuration: started without what has faults: ${off === '' ? 'some options' : off}`);
  logWarnings(sound, log);
  return { config: sound, faults };
}

/** What a reload is made of. */
export interface ReloadParts {
  readonly load: () => ConfigResult;
  readonly log: Log;
  /** What the daemon was started with. */
  readonly started: Loaded;
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
  /** What is wrong with the file, as it was when it was last read: as much of it as is told. */
  #faults: readonly Fault[];
  /** What is at work. */
  #config: Config;

  constructor(parts: ReloadParts) {
    this.#parts = parts;
    const { config, faults } = parts.started;
    this.#config = config;
    this.#faults = faults.slice(0, mostTold);
  }

  /** For `status`: what the file has that is not at work, until it is mended. */
  get standing(): View {
    const { warnings } = this.#config;
    return {
      faults: viewOf(this.#faults),
      off: namesOf(this.#config),
      warnings: warnings.map((warning) => ({ ...warning })),
    };
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
      this.#faults = next.faults.slice(0, mostTold);
      logFaults(next.faults, log);
      const message = `${next.faults.length} faults: the old configuration stays`;
      return { applied: false, error: { code: 'bad_config', message }, faults: viewOf(next.faults) };
    }
    [this.#faults, this.#config] = [[], next.config];
    await apply(next.config);
    const { plans, gateways, main } = next.config;
    const restart = needsRestart(started.config.main, main);
    log('info', `configuration applied: ${plans.length} plans, ${gateways.length} gateways`);
    if (restart.length > 0) log('warn', `configuration: a restart of turnpike applies ${restart.join(', ')}`);
    logWarnings(next.config, log);
    const warnings = next.config.warnings.map((warning) => ({ ...warning }));
    return {
      applied: true,
      ...(warnings.length > 0 && { warnings }),
      ...(restart.length > 0 && { needs_restart: restart }),
    };
  }
}

function logFaults(faults: readonly Fault[], log: Log): void {
  for (const line of linesOf(faults)) log('error', `configuration: ${line}`);
}

function linesOf(faults: readonly Fault[]): string[] {
  const lines = formatFaults(faults.slice(0, mostTold)).split('\n');
  return faults.length > mostTold ? [...lines, `and ${faults.length - mostTold} more`] : lines;
}

function viewOf(faults: readonly Fault[]): View[] {
  return faults.slice(0, mostTold).map((fault) => ({ ...fault }));
}

function logWarnings({ warnings }: Config, log: Log): void {
  for (const { message } of warnings) log('warn', `configuration: ${message}`);
}

function namesOf({ off }: Config): string[] {
  return off.slice(0, mostTold).map(nameOf);
}

/** A section as the file has it: `plan 'hour'`. */
function nameOf({ type, name }: Config['off'][number]): string {
  return name === undefined ? type : `${type} '${name}'`;
}
