import type { Clock } from '../ports/clock.js';
import { type Attribute, encodeAttributes } from './attributes.js';
import type { RequestCode } from './code.js';
import type { PortPool } from './port-pool.js';
import { type Retransmission, rfc5080 } from './retransmission.js';
import { Server, type ServerOptions, type ServerState, type ServerStatus } from './server.js';
import type { Transport } from './transport.js';

/** The servers of one service: those for authentication, or those for accounting. */
export interface RadiusClientOptions {
  /** In the order in which they are preferred. */
  readonly servers: readonly ServerOptions[];
  readonly transport: Transport;
  readonly clock: Clock;
  /** From 0 to 1, for the jitter. @default Math.random */
  readonly random?: () => number;
  /** @default {@link rfc5080} */
  readonly retransmission?: Partial<Retransmission>;
  /**
   * Transmissions at one server before the next one is asked; the last server is asked until the request ends.
   * @default 2, so that the next server is asked after 6 s
   */
  readonly tries?: number;
  /** Source ports towards each server, with 256 requests under way each; more requests wait. @default 8 */
  readonly sourcePorts?: number;
  /** Source ports that clients share; they stay open when this one is closed. @default ports of its own */
  readonly pool?: PortPool;
  /** Who we are, for Status-Server: NAS-Identifier, NAS-IP-Address (RFC 5997 §3). */
  readonly identity?: () => readonly Attribute[];
  /** Is told when a server no longer answers, and when it does again. */
  readonly changed?: (server: string, state: ServerState, detail: string) => void;
}

export interface RadiusRequest {
  readonly code: RequestCode;
  /**
   * What is sent; User-Password in clear. A function is asked anew for each server, where the request has another
   * identifier anyway: an Acct-Delay-Time may have changed (RFC 2866 §5.2). At one server it stays as it is.
   */
  readonly attributes: readonly Attribute[] | (() => readonly Attribute[]);
}

/** A reject is a reply: `ok` with its code. */
export type Outcome =
  | {
      readonly ok: true;
      readonly code: number;
      readonly attributes: readonly Attribute[];
      /** Who answered, as `host:port`. */
      readonly server: string;
    }
  | {
      readonly ok: false;
      /**
       * `timeout`: some server may have it, but none has answered, other than that it cannot process it; `unsigned`: one
       * has, without the Message-Authenticator that is wanted; `unreachable`: there was a way to none of them; `closed`: the client was
       * closed meanwhile.
       */
      readonly reason: 'timeout' | 'unsigned' | 'unreachable' | 'closed';
      readonly detail: string;
    };

/** Asks the first server that answers. */
export class RadiusClient {
  readonly #servers: readonly Server[];
  readonly #clock: Clock;
  readonly #retransmission: Retransmission;
  readonly #tries: number;

  /** @throws {@link RadiusError} for an identity that cannot be sent */
  constructor(options: RadiusClientOptions) {
    const { transport, clock, random = Math.random, tries = 2, sourcePorts = 8 } = options;
    const { identity = () => [], changed = () => {}, pool } = options;
    const retransmission = { ...rfc5080, ...options.retransmission };
    encodeAttributes(identity());
    const context = { transport, clock, random, retransmission, sourcePorts, pool, identity, changed };
    this.#servers = options.servers.map((server) => new Server(server, context));
    this.#clock = clock;
    this.#retransmission = retransmission;
    this.#tries = tries;
  }

  /** Every server, in the order of preference. */
  get status(): ServerStatus[] {
    return this.#servers.map((server) => server.status);
  }

  /**
   * Sends a request and resolves with its one outcome, at most {@link Retransmission.mrd} ms later. Live servers are
   * asked in their order, then those that did not answer lately.
   * @throws {@link RadiusError} for attributes that cannot be sent, such as a password of more than 128 octets
   */
  async request({ code, attributes }: RadiusRequest): Promise<Outcome> {
    const deadline = this.#clock.mono() + this.#retransmission.mrd;
    const order = this.#order();
    const faults: string[] = [];
    const reasons = new Set<string>();
    for (const [i, server] of order.entries()) {
      const list = typeof attributes === 'function' ? attributes() : attributes;
      const transmissions = i === order.length - 1 ? this.#retransmission.mrc : this.#tries;
      const answer = await server.ask({ code, attributes: list, transmissions, deadline });
      if (answer.ok) return { ...answer, server: server.name };
      faults.push(`${server.name}: ${answer.detail}`);
      if (answer.reason === 'closed') return { ok: false, reason: 'closed', detail: answer.detail };
      reasons.add(answer.reason);
      if (this.#clock.mono() >= deadline) break;
    }
    const silence = reasons.has('silent') || reasons.has('unable') ? 'timeout' : 'unreachable';
    return { ok: false, reason: reasons.has('unsigned') ? 'unsigned' : silence, detail: faults.join('; ') };
  }

  /** Ends every request as `closed`, and leaves no socket or timer behind. */
  close(): void {
    for (const server of this.#servers) server.close();
  }

  #order(): Server[] {
    const isAsked = (s: Server) => s.state === 'live' || s.isOnTrial;
    return [...this.#servers.filter(isAsked), ...this.#servers.filter((s) => !isAsked(s))];
  }
}
