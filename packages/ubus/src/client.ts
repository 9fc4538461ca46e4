import type { BlobWriter } from './blob.js';
import { Connection } from './connection.js';
import { UbusError } from './error.js';
import { EventInbox, type OnEvent, sendEvent } from './events.js';
import { attr, messageType, rawOf, textOf } from './frame.js';
import { answerInvoke, type ObjectOptions, objectOf } from './object.js';
import { invoke, type Registration, Registry, type Request } from './registry.js';
import { Subscription } from './subscription.js';
import { decodeTable, encodeTable, type Table } from './value.js';

export interface UbusOptions {
  /** Path of ubusd's socket. */
  readonly socket: string;
  /** @default 30000 ms */
  readonly callTimeoutMs?: number;
  /** Wait before the first try to connect again, doubled up to the second. @default 100 and 5000 ms */
  readonly reconnect?: { readonly minMs: number; readonly maxMs: number };
  readonly log?: (text: string) => void;
  readonly onConnected?: () => void;
  /** The connection was lost; not told of {@link UbusClient.close}. */
  readonly onDisconnected?: (cause: Error | undefined) => void;
}

/** An object as LOOKUP tells of it. */
export interface ListedObject {
  readonly id: number;
  readonly path: string;
  /** Method -> argument -> number of its type. */
  readonly signature: Table;
}

/** An object of ours that others can call and subscribe to. */
export interface PublishedObject {
  /** Sends a notification to all subscribers, if there are any. */
  notify(type: string, data: Table): void;
  remove(): Promise<void>;
}

/**
 * A client of ubus: calls, objects, subscriptions and events. When ubusd goes away it connects again and registers
 * everything anew; calls in flight fail with `connection_failed`, for nobody knows whether they were carried out.
 */
export class UbusClient {
  readonly #options: UbusOptions;
  readonly #timeoutMs: number;
  readonly #registry: Registry;
  readonly #ids = new Map<string, Promise<number>>();
  #inbox: EventInbox | undefined;
  #connection: Connection | undefined;
  #retry: NodeJS.Timeout | undefined;
  #tries = 0;
  #closed = false;

  constructor(options: UbusOptions) {
    this.#options = options;
    this.#timeoutMs = options.callTimeoutMs ?? 30_000;
    this.#registry = new Registry(this.#requestWithin(this.#timeoutMs));
  }

  get connected(): boolean {
    return this.#connection !== undefined;
  }

  /** Connects for the first time. @throws {@link UbusError} `connection_failed`; it does not try again then. */
  async connect(): Promise<void> {
    const connection = new Connection({
      incoming: (frame) => this.#registry.dispatch(connection, frame),
      closed: (cause) => this.#lost(connection, cause),
    });
    await connection.open(this.#options.socket, this.#timeoutMs);
    if (this.#closed) {
      connection.close();
      return;
    }
    this.#connection = connection;
    this.#tries = 0;
    await this.#registry.announceAll(this.#log);
    this.#options.onConnected?.();
  }

  /** Connects now or, if ubusd is not there yet, when it is. */
  async start(): Promise<void> {
    await this.connect().catch(() => this.#tryLater());
  }

  /** Calls a method. @returns what it answered, the last table if there were several; undefined for no data. */
  async call(
    path: string,
    method: string,
    args: Table = {},
    options: { timeoutMs?: number } = {},
  ): Promise<Table | undefined> {
    const request = this.#requestWithin(options.timeoutMs ?? this.#timeoutMs);
    const what = `${path} ${method}`;
    try {
      return await invoke(request, await this.#idOf(path), what, method, args);
    } catch (cause) {
      // The object may have come back under another number since it was looked up.
      if (!(cause instanceof UbusError) || cause.code !== 'not_found' || !this.#ids.delete(path)) throw cause;
      return invoke(request, await this.#idOf(path), what, method, args);
    }
  }

  /** Objects by path: all, one, or those that begin with what stands before a final `*`. */
  async list(pattern = '*'): Promise<ListedObject[]> {
    const found: ListedObject[] = [];
    const write = (w: BlobWriter) => w.putText(attr.path, pattern);
    await this.#requestWithin(this.#timeoutMs)(messageType.lookup, 0, `lookup ${pattern}`, write, (frame) => {
      const signature = rawOf(frame, attr.signature);
      found.push({
        id: objectOf(frame) ?? 0,
        path: textOf(frame, attr.path) ?? '',
        signature: signature ? decodeTable(signature) : {},
      });
    });
    return found;
  }

  /** Offers an object to others, now and after every reconnection. */
  async publish(options: ObjectOptions): Promise<PublishedObject> {
    const { path, methods, onSubscribers } = options;
    const registration: Registration = {
      path,
      methods,
      id: undefined,
      invoked: (frame, connection, id) => void answerInvoke(connection, id, frame, methods, this.#log),
      ...(onSubscribers && { active: onSubscribers }),
    };
    await this.#registry.add(registration, this.connected);
    return {
      notify: (type, data) => this.#notify(registration, type, data),
      remove: () => this.#registry.remove(registration, this.connected),
    };
  }

  /** Gets an object's notifications, now and whenever it is there again. @returns a function that ends it. */
  async subscribe(path: string, onNotify: (type: string, data: Table) => void): Promise<() => Promise<void>> {
    const lookUp = async (name: string) => (await this.list(name).catch(() => []))[0]?.id;
    const request = this.#requestWithin(this.#timeoutMs);
    const subscription = new Subscription(path, onNotify, request, lookUp);
    // Events before the look-up: an object that comes in between is not missed.
    const stop = await this.listen('ubus.object.add', (_event, data) => {
      if (data.path === path)
        subscription.follow().catch((cause: Error) => this.#log(`ubus: ${cause.message}`));
    });
    await this.#registry.add(subscription.registration, this.connected);
    return async () => {
      await stop();
      await this.#registry.remove(subscription.registration, this.connected);
    };
  }

  /** Gets events whose names match: exactly, or by what stands before a final `*`. @returns a function that ends it. */
  async listen(pattern: string, onEvent: OnEvent): Promise<() => Promise<void>> {
    if (this.#inbox) return this.#inbox.listen(pattern, onEvent);
    const inbox = new EventInbox(this.#requestWithin(this.#timeoutMs));
    this.#inbox = inbox;
    const stop = await inbox.listen(pattern, onEvent);
    await this.#registry.add(inbox.registration, this.connected);
    return stop;
  }

  /** Sends an event to whoever listens for it; it is never echoed to this client. */
  send(event: string, data: Table): Promise<void> {
    return sendEvent(this.#requestWithin(this.#timeoutMs), event, data);
  }

  /** Ends everything. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#retry);
    this.#connection?.close();
  }

  readonly #log = (text: string): void => this.#options.log?.(text);

  #notify({ id }: Registration, type: string, data: Table): void {
    if (id === undefined) return;
    this.#connection?.post(messageType.notify, 0, 0, (w) => {
      w.putInt(attr.objectId, id);
      w.putText(attr.method, type);
      w.putByte(attr.noReply, 1);
      w.putRaw(attr.data, encodeTable(data));
    });
  }

  #lost(connection: Connection, cause: Error | undefined): void {
    if (this.#connection !== connection) return;
    this.#connection = undefined;
    this.#ids.clear();
    this.#registry.forget();
    if (this.#closed) return;
    this.#options.onDisconnected?.(cause);
    this.#tryLater();
  }

  #tryLater(): void {
    if (this.#closed) return;
    const { minMs, maxMs } = this.#options.reconnect ?? { minMs: 100, maxMs: 5_000 };
    const wait = Math.min(maxMs, minMs * 2 ** Math.min(this.#tries, 16));
    this.#tries += 1;
    this.#retry = setTimeout(() => void this.start(), wait);
  }

  #idOf(path: string): Promise<number> {
    let id = this.#ids.get(path);
    if (!id) {
      id = this.list(path).then(([object]) => {
        if (object) return object.id;
        throw new UbusError('not_found', path);
      });
      this.#ids.set(path, id);
      id.catch(() => this.#ids.delete(path));
    }
    return id;
  }

  #requestWithin(timeoutMs: number): Request {
    return (type, peer, what, write, onData) =>
      this.#connection
        ? this.#connection.request(type, peer, timeoutMs, what, write, onData)
        : Promise.reject(new UbusError('connection_failed', `${what}: not connected`));
  }
}
