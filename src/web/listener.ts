import {
  type Server as HttpServer,
  createServer as http,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import { createServer, type Server, type Socket } from 'node:net';
import { type Server as TlsServer, createServer as tls } from 'node:tls';
import type { Connections } from './connections.js';
import type { Turnstile } from './turnstile.js';

/** Bytes of the headers of a request. A portal puts what it knows of the device into the address. */
const mostHeaderBytes = 8 * 1024;
/** How long a request may take to come whole, TLS included, in ms. */
const requestMs = 10_000;
/** The first byte of TLS: a record with a handshake. */
const handshake = 0x16;

/** An address to listen at. */
export interface ListenAt {
  /** Every address of both families when absent. */
  readonly host?: string;
  readonly port: number;
}

/** What a certificate is, to TLS. */
export interface Credentials {
  readonly cert: Buffer;
  readonly key: Buffer;
}

/** Answers a request. `allow`: it has come whole, and its connection has that many ms from now on. */
export type Answer = (
  request: IncomingMessage,
  response: ServerResponse,
  allow: (ms: number) => void,
) => void;

/** One port, with HTTP and HTTPS on it: the first byte says which. */
export class Listener {
  readonly at: ListenAt;
  readonly #connections: Connections;
  readonly #front: Server;
  readonly #http: HttpServer;
  readonly #answer: Answer;
  readonly #open = new Set<Socket>();
  readonly #turnstile: Turnstile;
  /** Gives what it has decrypted to {@link #http}: Bun's server of HTTPS takes no connection that began elsewhere. */
  #tls: TlsServer | undefined;

  /** @param turnstile that all ports have in common */
  constructor(at: ListenAt, connections: Connections, turnstile: Turnstile, answer: Answer) {
    this.at = at;
    this.#turnstile = turnstile;
    this.#connections = connections;
    this.#answer = answer;
    this.#front = createServer({ noDelay: true }, (socket) => this.#accept(socket));
    this.#http = http(limits);
    this.#http.on('request', (request, response) => this.#asked(request, response));
  }

  /** Resolves when it listens, or was closed meanwhile. @throws when the address is taken or not there */
  listen(failed: (cause: Error) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#front.once('error', reject);
      this.#front.once('close', resolve);
      this.#front.listen(this.at, () => {
        this.#front.removeListener('error', reject);
        this.#front.on('error', failed);
        resolve();
      });
    });
  }

  /** Speaks TLS with these from now on; without them it does not. */
  secure(credentials: Credentials | undefined): void {
    if (!credentials) this.#tls = undefined;
    else if (this.#tls) this.#tls.setSecureContext(credentials);
    else {
      this.#tls = tls({ ...credentials, handshakeTimeout: requestMs, ALPNProtocols: ['http/1.1'] });
      this.#tls.on('secureConnection', (socket) => this.#http.emit('connection', socket));
      this.#tls.on('tlsClientError', (_cause, socket) => socket.destroy());
    }
  }

  /**
   * Takes no more connections: the port is free when this returns. Those that ask for nothing yet end at once, the
   * others within a short time. @returns what resolves when all have ended
   */
  close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#front.close(() => resolve()));
    this.#connections.dismiss(this.#open);
    return closed;
  }

  #accept(socket: Socket): void {
    if (!this.#connections.admit(socket)) return;
    this.#open.add(socket);
    socket.once('close', () => this.#open.delete(socket));
    this.#connections.limit(socket, requestMs);
    // What has said nothing yet costs nothing.
    socket.once('readable', () => this.#turnstile.pass(() => this.#begin(socket)));
  }

  #begin(socket: Socket): void {
    const first = socket.read() as Buffer | null;
    // Ended before it said anything, or while it waited.
    if (!first || socket.destroyed) return void socket.destroy();
    socket.unshift(first);
    const isTls = first[0] === handshake;
    (isTls ? (this.#tls ?? this.#http) : this.#http).emit('connection', socket);
  }

  #asked(request: IncomingMessage, response: ServerResponse): void {
    const { socket } = request;
    this.#answer(request, response, (ms) => {
      this.#connections.heard(socket);
      this.#connections.limit(socket, ms);
    });
  }
}

const limits = {
  ...{ maxHeaderSize: mostHeaderBytes, maxRequestsPerSocket: 1 },
  ...{ headersTimeout: requestMs, requestTimeout: requestMs, keepAliveTimeout: 1 },
};
