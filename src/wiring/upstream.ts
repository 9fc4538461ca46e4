import type { AuthorizerMember, RunningAuthorizer } from '../ports/authorizer.js';
import type { Orderly, OrderMember, OrderSource } from '../ports/order-source.js';
import type { Result } from '../ports/result.js';
import type { Keepsake, Outbox, Sink, SinkMember } from '../ports/sink.js';
import type { Standing, Upstream, UpstreamParts } from '../ports/upstream.js';

/** What the members of upstreams are built from. */
export interface MemberParts extends UpstreamParts {
  readonly orderly: Orderly;
  /** Wall clock of the newest record, ms since 1970. */
  at(): number;
  /** The number of the newest record that earlier runs left. */
  readonly recovered: number;
  /** The outbox of a sink; `isNew` when it was made just now. */
  outbox(sink: string): { readonly outbox: Outbox; readonly isNew: boolean };
  keepsake(file: string): Keepsake;
}

/** Those that stand on one upstream, by their names in the registries. */
export interface Standers {
  readonly authorizers: ReadonlyMap<string, AuthorizerMember<unknown, unknown>>;
  readonly sinks: ReadonlyMap<string, SinkMember<unknown, unknown>>;
  readonly orderSources: ReadonlyMap<string, OrderMember<unknown, unknown>>;
}

/** The place of a member that could not be built; `status` shows the reason. */
export type Named<S extends Standing> = S & { readonly name: string };

/** One upstream with its members at work. A member that fails does not affect the others. */
export class RunningUpstream {
  readonly authorizers = new Map<string, RunningAuthorizer>();
  readonly #upstream: Upstream<unknown, unknown>;
  readonly #config: unknown;
  readonly #parts: MemberParts;
  readonly #standers: Standers;
  readonly #sinks = new Map<string, Sink>();
  readonly #sources = new Map<string, OrderSource>();
  readonly #failed = new Map<string, string>();
  /** Members that are to be built yet. */
  readonly #awaited: Set<string>;
  #link: unknown;

  constructor(upstream: Upstream<unknown, unknown>, config: unknown, standers: Standers, parts: MemberParts) {
    this.#upstream = upstream;
    this.#config = config;
    this.#standers = standers;
    this.#parts = parts;
    const named = (seam: string, members: ReadonlyMap<string, unknown>) =>
      [...members.keys()].map((name) => `${seam} ${name}`);
    const { authorizers, sinks, orderSources } = standers;
    this.#awaited = new Set([
      ...named('authorizer', authorizers),
      ...named('sink', sinks),
      ...named('source', orderSources),
    ]);
  }

  /** Why members could not be built, a line each; empty when all could. */
  get faults(): readonly string[] {
    return [...new Set(this.#failed.values())];
  }

  get authorizerStandings(): Named<Standing>[] {
    return this.#standings('authorizer', this.#standers.authorizers, (name) => this.authorizers.get(name));
  }

  get sinkStandings(): Named<Sink['standing']>[] {
    const standings = this.#standings('sink', this.#standers.sinks, (name) => this.#sinks.get(name));
    return standings.map((standing) => ({ backlog: 0, ...standing }));
  }

  get sourceStandings(): Named<Standing>[] {
    return this.#standings('source', this.#standers.orderSources, (name) => this.#sources.get(name));
  }

  /** Builds the members. What cannot be built is in {@link faults}. `changed`: {@link authorizers} are others now. */
  async start(changed: () => void): Promise<void> {
    const { type } = this.#upstream.section;
    this.#link = await this.#try(`upstream ${type}`, () => this.#upstream.open(this.#config, this.#parts));
    if (this.#failed.size > 0) return;
    const base = { ...this.#parts, link: this.#link };
    for (const [name, member] of this.#standers.authorizers) {
      const built = await this.#try(`authorizer ${name}`, () => member.build(this.#config, base));
      if (built) this.authorizers.set(name, built);
    }
    changed();
    for (const [name, member] of this.#standers.sinks) {
      const built = await this.#try(`sink ${name}`, async () => {
        const parts = { ...base, ...this.#parts.outbox(name), at: this.#parts.at() };
        return member.build(this.#config, parts);
      });
      if (built) this.#sinks.set(name, built);
    }
    for (const [name, member] of this.#standers.orderSources) {
      const built = await this.#try(`source ${name}`, () => member.build(this.#config, base));
      if (built) this.#sources.set(name, built);
    }
    await this.#try(`upstream ${type}`, async () => this.#upstream.start?.(this.#link));
  }

  /** Asks every member; the first that fails answers for all. */
  async test(): Promise<Result<string>> {
    const [fault] = this.faults;
    if (fault !== undefined) return { ok: false, code: 'upstream_silent', message: fault };
    const members = [...this.authorizers.values(), ...this.#sinks.values()];
    const results = await Promise.all(members.map((member) => member.test()));
    const said: string[] = [];
    for (const result of results) {
      if (!result.ok) return result;
      said.push(result.value);
    }
    return { ok: true, value: said.join(', ') };
  }

  /**
   * Resolves when the sinks of this upstream have reported the end of these sessions, or the server does not
   * answer.
   */
  async reported(sessions: readonly string[]): Promise<void> {
    await Promise.all([...this.#sinks.values()].map((sink) => sink.reported?.(sessions)));
  }

  /** Ends the members, those that take orders first, then what they shared. Never rejects. */
  async stop(forGood: boolean): Promise<void> {
    await this.#end([...this.#sources.values()].map((source) => source.stop()));
    await this.#end([...this.authorizers.values()].map((authorizer) => authorizer.stop()));
    await this.#end([...this.#sinks.values()].map((sink) => sink.stop(forGood)));
    if (this.#link !== undefined) await this.#end([this.#upstream.close?.(this.#link)]);
  }

  async #end(ends: readonly (Promise<void> | undefined)[]): Promise<void> {
    for (const end of await Promise.allSettled(ends)) {
      if (end.status === 'rejected')
        this.#parts.log('error', `${this.#upstream.section.type}: ${end.reason}`);
    }
  }

  async #try<T>(what: string, make: () => Promise<T>): Promise<T | undefined> {
    try {
      return await make();
    } catch (cause) {
      const message = cause instanceof Error ? cause.message : String(cause);
      this.#failed.set(what, `cannot be set up: ${message}`);
      this.#parts.log('error', `${this.#upstream.section.type}: ${what}: cannot be set up: ${message}`);
      return undefined;
    } finally {
      this.#awaited.delete(what);
    }
  }

  #standings<S extends Standing>(
    seam: string,
    members: ReadonlyMap<string, unknown>,
    find: (name: string) => { readonly standing: S } | undefined,
  ): Named<S | Standing>[] {
    const standings: Named<S | Standing>[] = [];
    for (const name of members.keys()) {
      const standing = find(name)?.standing;
      const error =
        this.#failed.get(`${seam} ${name}`) ?? this.#failed.get(`upstream ${this.#upstream.section.type}`);
      if (standing) standings.push({ name, ...standing });
      else if (error !== undefined) standings.push({ name, state: 'down', error });
      else if (this.#awaited.has(`${seam} ${name}`)) standings.push({ name, state: 'connecting', error: '' });
    }
    return standings;
  }
}
