import type { Authorizer } from '../ports/authorizer.js';
import type { Result } from '../ports/result.js';
import type { Upstream } from '../ports/upstream.js';
import type { Members } from './members.js';
import { Turns } from './turns.js';
import { type MemberParts, RunningUpstream, type Standers } from './upstream.js';

/** What the upstreams need of the store. */
export interface Outboxes {
  /** Sinks that have a cursor, those of earlier runs included. */
  readonly sinks: readonly string[];
  dropOutbox(sink: string): void;
}

/** Upstreams as they are configured: what each section says, by its type. Those that are switched off are absent. */
export type UpstreamSections = Readonly<Record<string, unknown>>;

interface Running {
  /** The configuration that it was made with. */
  readonly made: string;
  readonly upstream: RunningUpstream;
}

/** Keeps the upstreams that are configured at work, and no others. */
export class Upstreams {
  readonly #members: Members;
  readonly #parts: MemberParts;
  readonly #outboxes: Outboxes;
  /** Told that {@link authorizers} are others than before. */
  readonly #changed: () => void;
  readonly #running = new Map<string, Running>();
  /** Two at once would each start members that the other is about to replace. */
  readonly #turns = new Turns();
  #isStopped = false;

  constructor(members: Members, parts: MemberParts, outboxes: Outboxes, changed: () => void) {
    this.#members = members;
    this.#parts = parts;
    this.#outboxes = outboxes;
    this.#changed = changed;
  }

  /**
   * Starts, replaces and ends upstreams until they are as configured. What cannot be made is said in the log:
   * this never rejects.
   * @param off types of sections that are off for a fault: what their servers have not heard is kept
   */
  apply(sections: UpstreamSections, off: readonly string[] = []): Promise<void> {
    return this.#turns.run(async () => {
      for (const upstream of this.#known()) {
        await this.#logged(upstream.section.type, () => this.#applyOne(upstream, sections));
      }
      await this.#logged('outboxes', async () =>
        this.#dropOutboxes({ ...sections, ...Object.fromEntries(off.map((type) => [type, {}])) }),
      );
    });
  }

  /** How each member stands, in the order of the registries. */
  get standings() {
    const running = this.#all();
    return {
      authorizers: running.flatMap((upstream) => upstream.authorizerStandings),
      sinks: running.flatMap((upstream) => upstream.sinkStandings),
      order_sources: running.flatMap((upstream) => upstream.sourceStandings),
    };
  }

  /** Those at work, by the payment method that a login with them is. */
  get authorizers(): ReadonlyMap<string, Authorizer> {
    return new Map(this.#all().flatMap(({ authorizers }) => [...authorizers]));
  }

  /** Resolves when the server of a payment method has heard of the end of these sessions, or does not answer. */
  async reported(method: string, sessions: readonly string[]): Promise<void> {
    await this.#all()
      .find(({ authorizers }) => authorizers.has(method))
      ?.reported(sessions);
  }

  /** Asks an upstream whether it answers; undefined when there is none of this name. */
  async test(type: string): Promise<Result<string> | undefined> {
    return this.#running.get(type)?.upstream.test();
  }

  /** Ends all of them and begins no more; records that they have not sent are sent after the next start. */
  stop(): Promise<void> {
    this.#isStopped = true;
    return this.#turns.run(async () => {
      await Promise.all(this.#all().map((upstream) => upstream.stop(false)));
      this.#running.clear();
    });
  }

  #all(): RunningUpstream[] {
    return [...this.#running.values()].map(({ upstream }) => upstream);
  }

  #known(): ReadonlySet<Upstream<unknown, unknown>> {
    const { authorizers, sinks, orderSources } = this.#members;
    const members = [...Object.values(authorizers), ...Object.values(sinks), ...Object.values(orderSources)];
    return new Set(members.map(({ upstream }) => upstream));
  }

  async #applyOne(upstream: Upstream<unknown, unknown>, sections: UpstreamSections): Promise<void> {
    const config = sections[upstream.section.type];
    const made = JSON.stringify(config);
    const before = this.#running.get(upstream.section.type);
    // After a fault the upstream is started again with the same configuration: the cause may be gone.
    const hasFaults = before !== undefined && before.upstream.faults.length > 0;
    if (before?.made === made && !hasFaults) return;
    this.#running.delete(upstream.section.type);
    this.#changed();
    await before?.upstream.stop(config === undefined);
    if (config === undefined || this.#isStopped) return;
    const running = new RunningUpstream(upstream, config, this.#standersOn(upstream), this.#parts);
    this.#running.set(upstream.section.type, { made, upstream: running });
    await running.start(this.#changed);
  }

  /** Otherwise records that a removed sink has not read would be kept for ever. */
  #dropOutboxes(sections: UpstreamSections): void {
    const wanted = Object.entries(this.#members.sinks).filter(
      ([, { upstream }]) => upstream.section.type in sections,
    );
    const names = new Set(wanted.map(([name]) => name));
    for (const sink of this.#outboxes.sinks) if (!names.has(sink)) this.#outboxes.dropOutbox(sink);
  }

  /** Nobody may be waiting any more for what comes of it, and what fails keeps nothing else from being applied. */
  async #logged(what: string, apply: () => Promise<void>): Promise<void> {
    try {
      await apply();
    } catch (cause) {
      this.#parts.log('error', `${what}: ${cause instanceof Error ? cause.message : cause}`);
    }
  }

  #standersOn(upstream: Upstream<unknown, unknown>): Standers {
    const on = <M extends { readonly upstream: unknown }>(members: Readonly<Record<string, M>>) =>
      new Map(Object.entries(members).filter(([, member]) => member.upstream === upstream));
    const { authorizers, sinks, orderSources } = this.#members;
    return { authorizers: on(authorizers), sinks: on(sinks), orderSources: on(orderSources) };
  }
}
