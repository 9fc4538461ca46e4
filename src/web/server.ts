import type { Clock } from '../ports/clock.js';
import type { Log } from '../ports/log.js';
import type { Device, WebSite } from '../ports/web.js';
import { reasonOf } from '../system-error.js';
import { type CertificateFiles, CertificateWatch } from './certificate.js';
import { Connections } from './connections.js';
import { exchange } from './exchange.js';
import { type ListenAt, Listener } from './listener.js';
import { Router } from './router.js';
import { Turnstile } from './turnstile.js';

/** When an address that is taken, or not there yet, is tried again, in ms. */
const againMs = 10_000;

/** Where the server is and what it serves. */
export interface WebSettings {
  /** Addresses of the page; without any there is no server, whatever the sites are. */
  readonly at: readonly ListenAt[];
  readonly certificate?: CertificateFiles;
  readonly sites: readonly WebSite[];
}

/** What the server is given. */
export interface WebServerParts {
  readonly clock: Clock;
  readonly log: Log;
  /** Whose address it is; undefined for one that is no customer's. */
  deviceAt(address: string): Promise<Device | undefined>;
}

const none: WebSettings = { at: [], sites: [] };

/**
 * The customers' server: HTTP, and HTTPS where there is a certificate, for both families. It is of no account to
 * sales: what it cannot do is said in the log and tried again.
 */
export class WebServer {
  readonly #parts: WebServerParts;
  readonly #connections: Connections;
  readonly #turnstile = new Turnstile();
  readonly #certificate: CertificateWatch;
  #listeners = new Map<string, Listener>();
  #routers = new Map<number | undefined, Router>();
  readonly #retries = new Map<string, () => void>();
  readonly #complaints = new Set<string>();
  /** Connections of ports that were given up: each resolves when they have ended. */
  readonly #closing = new Set<Promise<void>>();

  constructor(parts: WebServerParts) {
    this.#parts = parts;
    this.#connections = new Connections(parts.clock);
    this.#certificate = new CertificateWatch(parts.clock, parts.log, () => this.#secure());
  }

  /** Names of the certificate that is in use; none without HTTPS. */
  get names(): readonly string[] {
    return this.#certificate.loaded?.names ?? [];
  }

  /** Serves as it is set now; resolves when that is so, or cannot be for now. Connections of ports that stay go on. */
  async apply(settings: WebSettings): Promise<void> {
    this.#certificate.apply(settings.certificate);
    this.#routers = routersOf(settings.sites);
    const wanted = new Map(placesOf(settings).map((at) => [keyOf(at), at]));
    for (const [key, cancel] of this.#retries) if (!wanted.has(key)) cancel();
    const gone = [...this.#listeners].filter(([key]) => !wanted.has(key));
    for (const [key, listener] of gone) {
      this.#listeners.delete(key);
      const closed: Promise<void> = listener.close().finally(() => this.#closing.delete(closed));
      this.#closing.add(closed);
    }
    const fresh = [...wanted].filter(([key]) => !this.#listeners.has(key));
    await Promise.all(fresh.map(([key, at]) => this.#listen(key, at)));
    this.#secure();
  }

  /** Ends all connections; resolves when the ports are free. */
  async stop(): Promise<void> {
    this.#certificate.stop();
    const end = this.apply(none);
    this.#connections.destroy();
    await end;
    await Promise.all(this.#closing);
  }

  #secure(): void {
    for (const listener of this.#listeners.values()) listener.secure(this.#certificate.loaded);
  }

  async #listen(key: string, at: ListenAt): Promise<void> {
    this.#retries.get(key)?.();
    this.#retries.delete(key);
    const { log } = this.#parts;
    const listener = new Listener(at, this.#connections, this.#turnstile, (request, response, allow) => {
      const router = this.#routers.get(at.port) ?? this.#routers.get(undefined)!;
      const isOurs = (name: string) => this.#isOurs(name);
      void exchange(request, response, router, { ...this.#parts, isOurs }, allow);
    });
    this.#listeners.set(key, listener);
    try {
      await listener.listen((cause) => log('error', `page: ${reasonOf(cause)}`));
    } catch (cause) {
      if (this.#listeners.get(key) === listener) this.#failed(key, at, cause);
      return;
    }
    if (this.#listeners.get(key) !== listener) return;
    listener.secure(this.#certificate.loaded);
    this.#complaints.delete(key);
    log('info', `page: serving at ${wordsFor(at)}`);
  }

  #failed(key: string, at: ListenAt, cause: unknown): void {
    this.#listeners.delete(key);
    const why = `page: ${wordsFor(at)} cannot be served (${reasonOf(cause)}): trying again`;
    if (!this.#complaints.has(key)) this.#parts.log('error', why);
    this.#complaints.add(key);
    this.#retries.set(
      key,
      this.#parts.clock.after(againMs, () => void this.#listen(key, at)),
    );
  }

  #isOurs(name: string): boolean {
    return this.#certificate.loaded?.isFor(name) ?? false;
  }
}

/** The page's addresses, and the ports that sites have of their own on the same addresses. */
function placesOf({ at, sites }: WebSettings): ListenAt[] {
  const ports = sites.flatMap(({ port }) => port ?? []);
  return [...at, ...at.flatMap(({ host }) => ports.map((port) => ({ ...(host && { host }), port })))];
}

function routersOf(sites: readonly WebSite[]): Map<number | undefined, Router> {
  const ports = new Set([undefined, ...sites.map(({ port }) => port)]);
  const routes = (of: number | undefined) => sites.filter(({ port }) => port === of).flatMap((s) => s.routes);
  return new Map([...ports].map((port) => [port, new Router(routes(port))]));
}

function keyOf({ host = '', port }: ListenAt): string {
  return `${host} ${port}`;
}

function wordsFor({ host, port }: ListenAt): string {
  return host === undefined ? `port ${port}` : `${host} port ${port}`;
}
