import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Clock } from '../ports/clock.js';
import type { Log } from '../ports/log.js';
import { reasonOf } from '../system-error.js';
import { whereToBuy } from './page.js';

/** Connections at once: phones open several each, and hold them. */
const mostConnections = 128;
/** Bytes of the headers of a request. A portal puts what it knows of the device into the address. */
const mostHeaderBytes = 8 * 1024;
/** How long a request may take to come, and a connection to live, in ms. */
const requestMs = 5_000;
const connectionMs = 10_000;
/** When a port that is taken is tried again, in ms. */
const againMs = 10_000;

const headers = {
  'Content-Type': 'text/html; charset=utf-8',
  'Cache-Control': 'no-store',
  'Content-Security-Policy': "default-src 'none'; style-src 'unsafe-inline'",
  'X-Content-Type-Options': 'nosniff',
  Connection: 'close',
};

/** What the page is at; without a port there is none. */
export interface PageSettings {
  readonly port: number | undefined;
  /** What the owner says. */
  readonly text: string;
}

/**
 * The customers' server: one plain page at every address, for both families. It is of no account to sales: what it
 * cannot do is said in the log and tried again.
 */
export class PageServer {
  readonly #clock: Clock;
  readonly #log: Log;
  #settings: PageSettings = { port: undefined, text: '' };
  #server: Server | undefined;
  #cancel: (() => void) | undefined;
  #complaint = '';

  constructor(clock: Clock, log: Log) {
    this.#clock = clock;
    this.#log = log;
  }

  /** Serves as it is set now; resolves when that is so, or cannot be for now. */
  async apply(settings: PageSettings): Promise<void> {
    const isSame = settings.port === this.#settings.port && (this.#server || settings.port === undefined);
    this.#settings = settings;
    if (isSame) return;
    await this.#close();
    this.#complaint = '';
    // Others may have been set meanwhile.
    if (settings.port !== undefined && this.#settings === settings) await this.#listen(settings.port);
  }

  /** Ends all connections; resolves when the port is free. */
  async stop(): Promise<void> {
    this.#settings = { port: undefined, text: '' };
    await this.#close();
  }

  async #close(): Promise<void> {
    this.#cancel?.();
    const server = this.#server;
    this.#server = undefined;
    if (!server) return;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeAllConnections();
    await closed;
  }

  async #listen(port: number): Promise<void> {
    // On the address of IPv6 that means all, Node.js listens to both families; without IPv6 to IPv4 alone.
    const server = createServer({ maxHeaderSize: mostHeaderBytes }, (request, response) =>
      this.#answer(request, response),
    );
    Object.assign(server, {
      ...{ maxConnections: mostConnections, maxRequestsPerSocket: 1, connectionsCheckingInterval: 1_000 },
      ...{ headersTimeout: requestMs, requestTimeout: requestMs, keepAliveTimeout: 1 },
    });
    server.on('connection', (socket) => {
      const cancel = this.#clock.after(connectionMs, () => socket.destroy());
      socket.on('close', cancel);
    });
    this.#server = server;
    try {
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        // Stopped meanwhile, it closes without ever listening.
        server.once('close', resolve);
        server.listen({ port }, resolve);
      });
    } catch (cause) {
      if (this.#server === server) this.#failed(port, cause);
      return;
    }
    if (this.#server !== server) return;
    server.on('error', (cause) => this.#log('error', `page: ${reasonOf(cause)}`));
    this.#log('info', `page: serving where to buy at port ${port}`);
  }

  #failed(port: number, cause: unknown): void {
    this.#server = undefined;
    const why = `page: port ${port} cannot be served (${reasonOf(cause)}): trying again`;
    if (why !== this.#complaint) this.#log('error', why);
    this.#complaint = why;
    this.#cancel = this.#clock.after(againMs, () => {
      if (this.#settings.port === port && !this.#server) void this.#listen(port);
    });
  }

  #answer({ method }: IncomingMessage, response: ServerResponse): void {
    if (method !== 'GET' && method !== 'HEAD') {
      response.writeHead(405, { Allow: 'GET, HEAD', Connection: 'close' }).end();
      return;
    }
    const body = Buffer.from(whereToBuy(this.#settings.text));
    response.writeHead(200, { ...headers, 'Content-Length': body.length });
    response.end(method === 'GET' ? body : undefined);
  }
}
