import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';
import { present } from '../../domain/present.js';
import type { Clock } from '../../ports/clock.js';
import { packetCode } from '../code.js';
import { signed } from '../signed.js';
import type { Channel, ChannelEvents, Source, Transport } from '../transport.js';
import type { Wire } from '../wire.js';
import { Framing } from './framing.js';
import { tokened } from './tokened.js';

/** What the connections are made with. The files are read anew for each one. */
export interface TlsOptions {
  /** Those who may vouch for servers. @default the list that Node.js brings */
  readonly caFile?: string;
  /** This router's own certificate, and its key. */
  readonly certificateFile?: string;
  readonly keyFile?: string;
  /** The name that a server's certificate must have. @default the host */
  readonly name?: string;
  /** Requests that are under way on a connection at most. */
  readonly underWay: number;
  /** `off`: RADIUS/1.1 is not offered. */
  readonly radius11?: 'off';
}

/** Whom a connection leads to, and how packets are written there. */
export interface Connection {
  readonly from: Source;
  readonly wire: Wire;
}

/** Takes Disconnect- and CoA-Requests that a server sends on a connection of ours. `send` answers there. */
export type OrderTaker = (packet: Buffer, connection: Connection, send: (reply: Buffer) => void) => void;

/** A server that does not get through with TLS in this time, in ms, is as good as one that is not there. */
const connectMs = 5_000;
/** After a connection that came to nothing the next one is tried this much later, in ms: doubled each time. */
const [firstPause, longestPause] = [1_000, 8_000];
/** The kernel looks after this time, in ms, whether the other end is still there. */
const probeAfterMs = 30_000;

/** What is offered to servers, the version that is preferred first (RFC 9765 §3.3). */
const tokenedVersion = 'radius/1.1';
const versions = [tokenedVersion, 'radius/1.0'];
const tooOld =
  'the server speaks RADIUS/1.1 over a TLS before 1.3, which is not safe: let it have TLS 1.3, or set radius_11 to off';

const noneOfThese =
  'the server takes neither RADIUS/1.1 nor 1.0 (no application protocol): let it have one, or set radius_11 to off';

/** Why no connection is tried for now. */
interface Trouble {
  readonly pause: number;
  readonly until: number;
  readonly detail: string;
}

/**
 * RADIUS over TLS (RFC 6614), 1.2 and 1.3. The certificate and the name of a server are always checked; then anybody on
 * the way can neither read nor write.
 */
export class TlsTransport implements Transport {
  readonly isReliable = true;
  /** Set by who takes orders; without, they are dropped. */
  orders: OrderTaker = () => {};
  readonly #options: TlsOptions;
  readonly #clock: Clock;
  readonly #made: (server: Source, wire: Wire) => void;
  readonly #troubles = new Map<string, Trouble>();
  readonly #open = new Set<TLSSocket>();

  /** @param made is told of each connection */
  constructor(options: TlsOptions, clock: Clock, made: (server: Source, wire: Wire) => void = () => {}) {
    this.#options = options;
    this.#clock = clock;
    this.#made = made;
  }

  /** Connections that there are. */
  get connections(): number {
    return this.#open.size;
  }

  /** Why there is no connection to some server; undefined when none has failed since. */
  get trouble(): string | undefined {
    return [...this.#troubles.values()][0]?.detail;
  }

  /** @throws when there is no connection, or its name or certificate is not right; the pause is not over */
  async open(host: string, port: number, events: ChannelEvents): Promise<Channel> {
    const at = `${host} ${port}`;
    const trouble = this.#troubles.get(at);
    if (trouble && this.#clock.mono() < trouble.until) throw new Error(trouble.detail);
    try {
      const from = { address: host, port };
      return await this.#connect(host, port, (socket) =>
        this.#channel(socket, at, { from, wire: wireOf(socket) }, events),
      );
    } catch (cause) {
      this.#failed(at, (cause as Error).message);
      throw cause;
    }
  }

  #connect(host: string, port: number, made: (socket: TLSSocket) => Channel): Promise<Channel> {
    const { name, radius11, ...files } = this.#options;
    const read = (file: string | undefined) => (file === undefined ? undefined : readFileSync(file));
    const given = { ca: read(files.caFile), cert: read(files.certificateFile), key: read(files.keyFile) };
    const servername = name ?? (isIP(host) ? undefined : host);
    const socket = connect({
      ...{ host, port, minVersion: 'TLSv1.2', rejectUnauthorized: true },
      ...present({ ...given, servername, ALPNProtocols: radius11 === 'off' ? undefined : versions }),
    });
    return new Promise((resolve, reject) => {
      const cancel = this.#clock.after(connectMs, () =>
        socket.destroy(new Error(`no TLS within ${connectMs / 1000} s`)),
      );
      socket.once('error', (cause: NodeJS.ErrnoException) => reject(explained(cause)));
      socket.once('close', () => {
        cancel();
        reject(new Error('the server has closed the connection'));
      });
      socket.once('secureConnect', () => {
        cancel();
        if (isTooOld(socket)) socket.destroy(new Error(tooOld));
        else resolve(made(socket));
      });
    });
  }

  #channel(socket: TLSSocket, at: string, connection: Connection, events: ChannelEvents): Channel {
    const framing = new Framing();
    let isOurs = false;
    let isHeard = false;
    let detail = 'the server has closed the connection';
    const send = (packet: Buffer) => {
      if (socket.writable) socket.write(packet);
    };
    const { from, wire } = connection;
    this.#open.add(socket);
    this.#made(from, wire);
    socket.setNoDelay(true).setKeepAlive(true, probeAfterMs);
    socket.on('data', (chunk) => {
      try {
        for (const packet of framing.push(chunk)) {
          isHeard = true;
          this.#troubles.delete(at);
          if (isOrder(packet)) this.orders(packet, connection, send);
          else events.received(packet);
        }
      } catch (cause) {
        socket.destroy(cause as Error);
      }
    });
    socket.on('error', (cause) => {
      detail = cause.message;
    });
    socket.on('close', () => {
      this.#open.delete(socket);
      if (isOurs) return;
      // With TLS 1.3 a server that refuses our certificate says so when we are connected already.
      if (!isHeard) this.#failed(at, detail);
      events.ended?.(detail);
    });
    return {
      wire,
      send,
      close() {
        isOurs = true;
        socket.destroySoon();
      },
    };
  }

  #failed(at: string, detail: string): void {
    const pause = Math.min((this.#troubles.get(at)?.pause ?? firstPause / 2) * 2, longestPause);
    this.#troubles.set(at, { pause, until: this.#clock.mono() + pause, detail });
  }
}

/** A server that picks no version speaks RADIUS as it was before there were two (RFC 9765 §3.3). */
function wireOf(socket: TLSSocket): Wire {
  return socket.alpnProtocol === tokenedVersion ? tokened : signed;
}

/** A refusal of all versions (RFC 7301 §3.2) says what to do. */
function explained(cause: NodeJS.ErrnoException): Error {
  return cause.code?.endsWith('NO_APPLICATION_PROTOCOL') ? new Error(noneOfThese, { cause }) : cause;
}

/** RADIUS/1.1 needs TLS 1.3 (RFC 9765 §3.4). */
function isTooOld(socket: TLSSocket): boolean {
  return wireOf(socket) === tokened && socket.getProtocol() !== 'TLSv1.3';
}

function isOrder(packet: Buffer): boolean {
  return packet[0] === packetCode.disconnectRequest || packet[0] === packetCode.coaRequest;
}
