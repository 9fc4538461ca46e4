import type { Clock } from '../ports/clock.js';
import type { Attribute } from './attributes.js';
import { packetCode } from './code.js';
import { type Answer, type Counters, Exchange, type Peer, type Terms } from './exchange.js';
import type { PortPool } from './port-pool.js';
import type { MessageAuthenticatorPolicy } from './reply.js';
import { type Retransmission, spread } from './retransmission.js';
import { SourcePorts } from './source-ports.js';
import type { ChannelEvents, Transport } from './transport.js';

/** Where a server is, and what is shared with it. */
export interface ServerOptions {
  /** Address or name. A name is looked up for every new source port, and anew before a silent server is probed. */
  readonly host: string;
  readonly port: number;
  readonly secret: Buffer;
  /** @default `require` */
  readonly messageAuthenticator?: MessageAuthenticatorPolicy;
  /** @default `require` */
  readonly statusServer?: StatusServerPolicy;
}

/**
 * Whether the server answers Status-Server (RFC 5997). `require`: it does, so its silence means that it is down;
 * `auto`: the same once it has answered one; `off`: it is sent none. Until that is known, a request now and then finds
 * out whether a silent server is back.
 */
export type StatusServerPolicy = 'require' | 'auto' | 'off';

/** `zombie`: it did not answer; it is asked after the others until it does. */
export type ServerState = 'live' | 'zombie';

/** How a server is. */
export interface ServerStatus {
  readonly server: string;
  readonly state: ServerState;
  /** The server was silent; the next request finds out whether it still is. */
  readonly isOnTrial: boolean;
  /** Whether its replies to logins carry what makes them believed; undefined before the first one. */
  readonly signs: boolean | undefined;
  readonly outstanding: number;
  readonly queued: number;
  readonly counters: Counters;
}

/** What all servers of a client have in common. */
export interface ServerContext {
  readonly transport: Transport;
  readonly clock: Clock;
  readonly random: () => number;
  readonly retransmission: Retransmission;
  /** Source ports at most. */
  readonly sourcePorts: number;
  /** Where the ports are others' too, who close them. */
  readonly pool: PortPool | undefined;
  /** Sent along in Status-Server. */
  readonly identity: () => readonly Attribute[];
  readonly changed: (server: string, state: ServerState, detail: string) => void;
}

/** Waits between two probes, in ms: doubled each time. */
const [firstProbe, longestProbe] = [5_000, 60_000];

/** One server: what is under way there, and whether it answers. */
export class Server {
  /** `host:port`, for people. */
  readonly name: string;
  readonly #options: ServerOptions;
  readonly #context: ServerContext;
  readonly #peer: Peer;
  readonly #exchanges = new Set<Exchange>();
  #state: ServerState = 'live';
  #heard = Number.NEGATIVE_INFINITY;
  #probes = 0;
  #isOnTrial = false;
  #signs: boolean | undefined;
  /** The server has answered a Status-Server, or is configured to answer it. */
  #knowsStatus: boolean;
  /** Counts changes of the state: a probe that began before a change does not start the next probe after it. */
  #spell = 0;
  #cancelProbe = () => {};
  #closed = false;

  constructor(options: ServerOptions, context: ServerContext) {
    const { host, port, secret, messageAuthenticator: policy = 'require' } = options;
    const { transport, clock, random, retransmission } = context;
    this.name = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
    this.#options = options;
    this.#context = context;
    this.#knowsStatus = (options.statusServer ?? 'require') === 'require';
    const counters = zeroCounters();
    const open = (events: ChannelEvents) => transport.open(host, port, events);
    const strange = () => {
      counters.dropped.unexpected += 1;
    };
    const ports = context.pool?.to(host, port) ?? new SourcePorts(open, context.sourcePorts, strange);
    const isReliable = transport.isReliable ?? false;
    this.#peer = { secret, policy, ports, counters, clock, random, retransmission, isReliable };
  }

  get state(): ServerState {
    return this.#state;
  }

  /** The server was silent; the next request finds out whether it still is. */
  get isOnTrial(): boolean {
    return this.#isOnTrial;
  }

  get status(): ServerStatus {
    const { counters, ports } = this.#peer;
    const copy = { ...counters, dropped: { ...counters.dropped } };
    return {
      server: this.name,
      state: this.#state,
      isOnTrial: this.#isOnTrial,
      signs: this.#signs,
      ...ports.load,
      counters: copy,
    };
  }

  /** @throws {@link RadiusError} for attributes that cannot be sent */
  ask(terms: Terms): Promise<Answer> {
    if (terms.code !== packetCode.statusServer) this.#isOnTrial = false;
    return new Promise((resolve, reject) => {
      if (this.#closed) return resolve({ ok: false, reason: 'closed', detail: 'the client is closed' });
      const exchange: Exchange = new Exchange(this.#peer, terms, (work) => {
        this.#exchanges.delete(exchange);
        try {
          const answer = work();
          this.#judge(terms, answer, exchange.firstSent);
          resolve(answer);
        } catch (error) {
          reject(error);
        }
      });
      this.#exchanges.add(exchange);
      exchange.begin();
    });
  }

  /** Ends what is under way as `closed`. */
  close(): void {
    this.#closed = true;
    this.#cancelProbe();
    for (const exchange of [...this.#exchanges]) exchange.end('closed', 'the client was closed');
    if (!this.#context.pool) this.#peer.ports.close();
  }

  #judge({ code }: Terms, answer: Answer, firstSent: number | undefined): void {
    const isStatus = code === packetCode.statusServer;
    if (code === packetCode.accessRequest && answer.ok) this.#signs = true;
    if (answer.ok) this.#answered(isStatus);
    else if (answer.reason === 'unsigned') this.#answeredUnsigned(answer.detail);
    else if (answer.reason === 'unable') this.#heard = this.#context.clock.mono();
    else if (answer.reason === 'unreachable') this.#become('zombie', answer.detail);
    else if (isStatus && !this.#knowsStatus) return;
    // Silence on one request does not mean that the server is down if the server has answered another request since, or
    // if the request was never sent.
    else if (answer.reason === 'silent' && firstSent !== undefined && this.#heard < firstSent) {
      // The other end of a connection may be gone without a word: what is asked next goes over a new one.
      if (this.#peer.isReliable) this.#peer.ports.retire();
      this.#become('zombie', answer.detail);
    }
  }

  #answered(isStatus: boolean): void {
    this.#knowsStatus ||= isStatus;
    this.#heard = this.#context.clock.mono();
    // Status-Server is answered without a Message-Authenticator too, and says nothing of logins: the next one finds out.
    if (isStatus && this.#signs === false) this.#isOnTrial = true;
    else this.#become('live', 'it answers');
  }

  /** It is asked after the others, like a silent one; that it is another matter is told. */
  #answeredUnsigned(detail: string): void {
    this.#heard = this.#context.clock.mono();
    if (this.#signs !== false && this.#state === 'zombie') this.#context.changed(this.name, 'zombie', detail);
    this.#signs = false;
    this.#become('zombie', detail);
  }

  #become(state: ServerState, detail: string): void {
    if (this.#closed || this.#state === state) return;
    this.#state = state;
    this.#spell += 1;
    this.#probes = 0;
    this.#isOnTrial = false;
    this.#cancelProbe();
    if (state === 'zombie') this.#probeLater();
    this.#context.changed(this.name, state, detail);
  }

  #probeLater(): void {
    const { clock, random } = this.#context;
    const wait = Math.min(firstProbe * 2 ** this.#probes, longestProbe);
    this.#probes += 1;
    this.#cancelProbe = clock.after(spread(wait, random), () => void this.#probe());
  }

  /** A Status-Server is sent once, and not again: the next one is another (RFC 5997 §4.2). */
  async #probe(): Promise<void> {
    // The server's name may have another address by now.
    if (!this.#peer.isReliable) this.#peer.ports.retire();
    this.#isOnTrial = !this.#knowsStatus;
    if (this.#options.statusServer === 'off') return this.#probeLater();
    const { clock, identity, retransmission } = this.#context;
    const deadline = clock.mono() + retransmission.irt;
    const spell = this.#spell;
    await this.ask({ code: packetCode.statusServer, attributes: identity(), transmissions: 1, deadline });
    if (this.#spell === spell && !this.#closed) this.#probeLater();
  }
}

function zeroCounters(): Counters {
  const dropped = {
    malformed: 0,
    unexpected: 0,
    bad_authenticator: 0,
    bad_message_authenticator: 0,
    no_message_authenticator: 0,
  };
  return { sent: 0, retransmitted: 0, replies: 0, silent: 0, unreachable: 0, dropped };
}
