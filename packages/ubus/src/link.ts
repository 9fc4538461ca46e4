import type { BlobWriter } from './blob.js';
import type { Bus } from './bus.js';
import { Connection, type Question } from './connection.js';
import { encoding, type UbusCode, UbusError, WireError } from './error.js';
import type { Frame } from './frame.js';
import type { UbusOptions } from './options.js';
import { type Backoff, waitAfter } from './registry.js';
import { usualSocket } from './transport.js';

/** What a link tells of the connections that it has one after the other. */
export interface LinkEvents {
  incoming(connection: Connection, frame: Frame): void;
  /** There is a new one: announces everything on it. Never rejects. */
  opened(): Promise<void>;
  /** It is gone, and all numbers with it. */
  lost(): void;
}

/** A connection to ubusd that comes back. */
export class Link implements Bus {
  readonly backoff: Backoff;
  readonly #options: UbusOptions;
  readonly #timeoutMs: number;
  readonly #events: LinkEvents;
  #connection: Connection | undefined;
  #opening: { readonly connection: Connection; readonly done: Promise<void> } | undefined;
  #retry: NodeJS.Timeout | undefined;
  /** Tries in vain since it was last connected. */
  #tries = 0;
  #closed: Promise<void> | undefined;

  constructor(options: UbusOptions, events: LinkEvents) {
    this.#options = options;
    this.#timeoutMs = options.callTimeoutMs ?? 30_000;
    this.backoff = options.reconnect ?? { minMs: 100, maxMs: 5_000 };
    this.#events = events;
  }

  get connected(): boolean {
    return this.#connection !== undefined;
  }

  async connect(): Promise<void> {
    if (this.#closed) throw closedError('connecting');
    if (this.#connection && !this.#opening) return;
    this.#opening ??= this.#open();
    await this.#opening.done;
  }

  async start(): Promise<void> {
    try {
      await this.connect();
    } catch (cause) {
      if (this.#closed) return;
      if (this.#tries === 0) this.fault('not connected yet, and trying again', cause);
      this.#tryLater();
    }
  }

  request(question: Question, timeoutMs = this.#timeoutMs): Promise<void> {
    if (this.#closed) return Promise.reject(closedError(question.what));
    if (this.#connection) return this.#connection.request(question, timeoutMs);
    const text = `${question.what}: not connected to ubusd`;
    return Promise.reject(new UbusError('connection_failed', text));
  }

  async change(question: Question): Promise<void> {
    const connection = this.#connection;
    try {
      await this.request(question);
    } catch (cause) {
      const isLate = cause instanceof UbusError && cause.origin === 'client' && cause.code === 'timeout';
      if (isLate) connection?.close(cause);
      throw cause;
    }
  }

  /** Sends a message that wants no answer, if there is a connection. @throws {@link UbusError} `invalid_argument` */
  post(type: number, what: string, write: (writer: BlobWriter) => void): void {
    encoding(what, () => this.#connection?.post(type, 0, 0, write));
  }

  fault(what: string, cause: unknown): void {
    const text = cause instanceof Error ? cause.message : String(cause);
    const error = new UbusError(codeOf(cause), `ubus: ${what}: ${text}`, { cause });
    try {
      if (this.#options.onError) this.#options.onError(error);
      else process.emitWarning(error);
    } catch (thrown) {
      process.emitWarning(thrown as Error);
    }
  }

  tell(what: string, run: () => unknown): void {
    try {
      const told = run();
      if (told instanceof Promise) told.catch((cause: unknown) => this.fault(what, cause));
    } catch (cause) {
      this.fault(what, cause);
    }
  }

  close(): Promise<void> {
    clearTimeout(this.#retry);
    if (!this.#connection) this.#opening?.connection.close();
    this.#closed ??= this.#connection?.end() ?? Promise.resolve();
    return this.#closed;
  }

  #open(): { connection: Connection; done: Promise<void> } {
    const connection: Connection = new Connection({
      incoming: (frame) => this.#events.incoming(connection, frame),
      fault: (cause) => this.fault('a message could not be dealt with', cause),
      closed: (cause) => this.#lost(connection, cause),
    });
    const done = this.#greet(connection).finally(() => {
      if (this.#opening?.connection === connection) this.#opening = undefined;
    });
    return { connection, done };
  }

  async #greet(connection: Connection): Promise<void> {
    await connection.open(this.#options.socket ?? usualSocket(), this.#timeoutMs);
    this.#connection = connection;
    await this.#events.opened();
    if (this.#connection !== connection) return;
    this.#tries = 0;
    this.tell('onConnected', () => this.#options.onConnected?.());
  }

  #lost(connection: Connection, cause: Error | undefined): void {
    if (this.#opening?.connection === connection) this.#opening = undefined;
    if (this.#connection !== connection) return;
    this.#connection = undefined;
    this.#events.lost();
    if (this.#closed) return;
    this.tell('onDisconnected', () => this.#options.onDisconnected?.(cause));
    this.#tryLater();
  }

  #tryLater(): void {
    if (this.#closed) return;
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => void this.start(), waitAfter(this.#tries, this.backoff));
    this.#tries += 1;
  }
}

function codeOf(cause: unknown): UbusCode {
  if (cause instanceof UbusError) return cause.code;
  return cause instanceof WireError ? 'parse_error' : 'unknown_error';
}

function closedError(what: string): UbusError {
  return new UbusError('connection_failed', `${what}: the client has been closed`);
}
