import type { Log } from '../ports/log.js';
import type { Trial, Upstream, UpstreamStatus } from '../ports/sink.js';
import type { UpstreamConfigs } from './schema.js';

/** The upstreams that this version has. */
export type UpstreamName = keyof UpstreamConfigs;

/** Puts an upstream together. Its code is loaded when it is configured, and not before. */
type Builder<N extends UpstreamName> = (config: NonNullable<UpstreamConfigs[N]>) => Promise<Upstream>;
export type Builders = { readonly [N in UpstreamName]-?: Builder<N> };

/** What the upstreams need of the store. */
export interface Outboxes {
  /** Sinks that have a cursor, those of earlier runs included. */
  readonly sinks: readonly string[];
  dropOutbox(sink: string): void;
}

interface Running {
  /** The configuration that it was made with. */
  readonly made: string;
  readonly upstream: Upstream;
}

/** Keeps the upstreams that are configured at work, and no others. */
export class Upstreams {
  readonly #builders: Builders;
  readonly #outboxes: Outboxes;
  readonly #log: Log;
  readonly #running = new Map<UpstreamName, Running>();

  constructor(builders: Builders, outboxes: Outboxes, log: Log) {
    this.#builders = builders;
    this.#outboxes = outboxes;
    this.#log = log;
  }

  /** Starts, replaces and ends upstreams until they are as configured. One that cannot be made is said in the log. */
  async apply(configs: UpstreamConfigs): Promise<void> {
    for (const name of Object.keys(this.#builders) as UpstreamName[]) await this.#applyOne(name, configs);
    // What a sink that is configured no more has not read would be kept for ever.
    for (const sink of this.#outboxes.sinks) if (!(sink in configs)) this.#outboxes.dropOutbox(sink);
  }

  /** By name, in the order in which LuCI shows them. */
  get status(): readonly (UpstreamStatus & { readonly name: string })[] {
    return [...this.#running].map(([name, { upstream }]) => ({ name, ...upstream.status }));
  }

  /** Asks an upstream whether it answers; undefined when there is none of this name. */
  async test(name: string): Promise<Trial | undefined> {
    return this.#running.get(name as UpstreamName)?.upstream.test();
  }

  /** Ends all of them; what they have not sent comes at the next start. */
  async stop(): Promise<void> {
    await Promise.all([...this.#running.values()].map(({ upstream }) => upstream.stop(false)));
    this.#running.clear();
  }

  async #applyOne<N extends UpstreamName>(name: N, configs: UpstreamConfigs): Promise<void> {
    const config = configs[name];
    const made = JSON.stringify(config);
    const running = this.#running.get(name);
    if (running?.made === made) return;
    this.#running.delete(name);
    await running?.upstream.stop(config === undefined);
    if (config === undefined) return;
    // The compiler takes an entry by any name for one that serves all of them.
    const build = this.#builders[name] as Builder<N>;
    try {
      const upstream = await build(config as NonNullable<UpstreamConfigs[N]>);
      this.#running.set(name, { made, upstream });
    } catch (cause) {
      const error = `cannot be set up: ${cause instanceof Error ? cause.message : cause}`;
      this.#log('error', `${name}: ${error}`);
      this.#running.set(name, { made, upstream: broken(error) });
    }
  }
}

/** Stands where an upstream could not be made, so that `status` tells of it. */
function broken(error: string): Upstream {
  return {
    status: { state: 'down', backlog: 0, error },
    test: async () => ({ ok: false, code: 'upstream_silent', message: error }),
    stop: async () => {},
  };
}
