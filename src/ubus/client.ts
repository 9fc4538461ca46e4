import type { BlobWriter } from './blob.js';
import { Connection } from './connection.js';
import { UbusError } from './error.js';
import { attr, type Frame, flagOf, intOf, messageType, rawOf, textOf } from './frame.js';
import { answerInvoke, encodeSignature, type ObjectOptions, objectOf } from './object.js';
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
  readonly onDisconnected?: (cause: Error | undefined) => void;
}

/** An object as LOOKUP tells of it. */
export interface ListedObject {
  readonly id: number;
  readonly path: string;
  /** Method -> argument -> number of its type. */
  readonly signature: Table;
}

/** Something of ours that ubusd calls: an object with a path, or the end of a subscription or of all events. */
interface Registration {
  readonly path?: string;
  readonly methods?: ObjectOptions['methods'];
  /** The object's number on the present connection. */
  id: number | undefined;
  invoked(frame: Frame, connection: Connection, id: number): void;
  /** The first subscriber came, or the last one went. */
  active?(active: boolean): void;
  /** What we had subscribed to is gone. */
  targetGone?(target: number | undefined): void;
  /** What is left to do once it has its number. */
  registered?(id: number): Promise<void>;
}

/** An object of ours that others can call and subscribe to. */
export interface PublishedObject {
  /** Sends a notification to all subscribers, if there are any. */
  notify(type: string, data: Table): void;
  remove(): Promise<void>;
}

const systemEvents = 1;
const anonymous = Buffer.alloc(0);

/**
 * A client of ubus: calls, objects, subscriptions and events. When ubusd goes away it connects again and registers
 * everything anew; calls in flight fail with `connection_failed`, for nobody knows whether they were carried out.
 */
export class UbusClient {
  readonly #options: UbusOptions;
  readonly #timeoutMs: number;
  readonly #registrations = new Set<Registration>();
  readonly #ids = new Map<string, Promise<number>>();
  readonly #patterns = new Map<string, Set<(event: string, data: Table) => void>>();
  #inbox: Registration | undefined;
  #connection: Connection | undefined;
  #retry: NodeJS.Timeout | undefined;
  #tries = 0;
  #closed = false;

  constructor(options: UbusOptions) {
    this.#options = options;
    this.#timeoutMs = options.callTimeoutMs ?? 30_000;
  }

  get connected(): boolean {
    return this.#connection !== undefined;
  }

  /** Connects for the first time. @throws {@link UbusError} `connection_failed`; it does not try again then. */
  async connect(): Promise<void> {
    const connection = new Connection({
      incoming: (frame) => this.#incoming(connection, frame),
      closed: (cause) => this.#lost(connection, cause),
    });
    await connection.open(this.#options.socket, this.#timeoutMs);
    if (this.#closed) return connection.close();
    this.#connection = connection;
    this.#tries = 0;
    await this.#registerAll();
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
    const data = encodeTable(args);
    const timeoutMs = options.timeoutMs ?? this.#timeoutMs;
    try {
      return await this.#invoke(await this.#idOf(path), `${path} ${method}`, method, data, timeoutMs);
    } catch (cause) {
      // The object may have come back under another number since it was looked up.
      if (!(cause instanceof UbusError) || cause.code !== 'not_found' || !this.#ids.delete(path)) throw cause;
      return this.#invoke(await this.#idOf(path), `${path} ${method}`, method, data, timeoutMs);
    }
  }

  /** Objects by path: all, one, or those that begin with what stands before a final `*`. */
  async list(pattern = '*'): Promise<ListedObject[]> {
    const found: ListedObject[] = [];
    const write = (w: BlobWriter) => w.putText(attr.path, pattern);
    await this.#request(messageType.lookup, 0, `lookup ${pattern}`, write, (frame) => {
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
    await this.#add(registration);
    return {
      notify: (type, data) => this.#notify(registration, type, data),
      remove: () => this.#remove(registration),
    };
  }

  /** Gets an object's notifications, now and whenever it is there again. @returns a function that ends it. */
  async subscribe(path: string, onNotify: (type: string, data: Table) => void): Promise<() => Promise<void>> {
    let target: number | undefined;
    const follow = async () => {
      target = undefined;
      const [object] = await this.list(path).catch(() => []);
      if (!object || registration.id === undefined) return;
      const { id } = registration;
      // Before the answer: the news that the target is gone again may come in the same read as the answer.
      target = object.id;
      const write = (w: BlobWriter) => {
        w.putInt(attr.objectId, id);
        w.putInt(attr.target, object.id);
      };
      await this.#request(messageType.subscribe, 0, `subscribe ${path}`, write).catch((cause: unknown) => {
        if (target === object.id) target = undefined;
        throw cause;
      });
    };
    const registration: Registration = {
      id: undefined,
      invoked: (frame, connection, id) => {
        onNotify(textOf(frame, attr.method) ?? '', dataOf(frame));
        acknowledge(frame, connection, id);
      },
      targetGone: (gone) => {
        if (target === gone) target = undefined;
      },
      registered: follow,
    };
    // Events before the look-up: an object that comes in between is not missed.
    const stop = await this.listen('ubus.object.add', (_event, data) => {
      if (data.path === path && target === undefined) void follow().catch(() => {});
    });
    await this.#add(registration);
    return async () => {
      await stop();
      await this.#remove(registration);
    };
  }

  /** Gets events whose names match: exactly, or by what stands before a final `*`. @returns a function that ends it. */
  async listen(pattern: string, onEvent: (event: string, data: Table) => void): Promise<() => Promise<void>> {
    const listeners = this.#patterns.get(pattern) ?? new Set();
    const known = this.#patterns.has(pattern);
    this.#patterns.set(pattern, listeners.add(onEvent));
    const inbox = this.#inbox;
    if (!inbox) await this.#add(this.#openInbox());
    else if (!known && inbox.id !== undefined) await this.#register(inbox.id, pattern);
    return async () => {
      listeners.delete(onEvent);
      if (listeners.size === 0) this.#patterns.delete(pattern);
    };
  }

  /** Sends an event to whoever listens for it; it is never echoed to this client. */
  async send(event: string, data: Table): Promise<void> {
    await this.#invoke(
      systemEvents,
      `send ${event}`,
      'send',
      encodeTable({ id: event, data }),
      this.#timeoutMs,
    );
  }

  /** Ends everything. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#retry);
    this.#connection?.close();
  }

  readonly #log = (text: string): void => this.#options.log?.(text);

  #openInbox(): Registration {
    this.#inbox = {
      id: undefined,
      invoked: (frame, connection, id) => {
        const event = textOf(frame, attr.method) ?? '';
        const data = dataOf(frame);
        for (const [pattern, listeners] of this.#patterns) {
          if (matches(pattern, event)) for (const listener of listeners) listener(event, data);
        }
        acknowledge(frame, connection, id);
      },
      registered: async (id) => {
        for (const pattern of this.#patterns.keys()) await this.#register(id, pattern);
      },
    };
    return this.#inbox;
  }

  async #register(object: number, pattern: string): Promise<void> {
    // ubusd takes nothing but an int32, and its numbers fill all 32 bits.
    const args = encodeTable({ object: object | 0, pattern });
    await this.#invoke(systemEvents, `listen ${pattern}`, 'register', args, this.#timeoutMs);
  }

  async #add(registration: Registration): Promise<void> {
    this.#registrations.add(registration);
    if (!this.#connection) return;
    try {
      await this.#announce(registration);
    } catch (cause) {
      if (!(cause instanceof UbusError) || cause.code !== 'connection_failed')
        this.#registrations.delete(registration);
      throw cause;
    }
  }

  async #announce(registration: Registration): Promise<void> {
    const { path, methods } = registration;
    const write = (w: BlobWriter) => {
      if (path !== undefined) w.putText(attr.path, path);
      w.putRaw(attr.signature, methods ? encodeSignature(methods) : anonymous);
    };
    await this.#request(messageType.addObject, 0, `publish ${path ?? ''}`, write, (frame) => {
      registration.id = objectOf(frame);
    });
    if (registration.id !== undefined) await registration.registered?.(registration.id);
  }

  async #remove(registration: Registration): Promise<void> {
    this.#registrations.delete(registration);
    const { id } = registration;
    registration.id = undefined;
    if (id === undefined || !this.#connection) return;
    await this.#request(messageType.removeObject, 0, 'remove', (w) => w.putInt(attr.objectId, id));
  }

  #notify({ id }: Registration, type: string, data: Table): void {
    if (id === undefined) return;
    this.#connection?.post(messageType.notify, 0, 0, (w) => {
      w.putInt(attr.objectId, id);
      w.putText(attr.method, type);
      w.putByte(attr.noReply, 1);
      w.putRaw(attr.data, encodeTable(data));
    });
  }

  async #registerAll(): Promise<void> {
    // Where events end first: what the others look up may come while they do.
    const ordered = [...this.#registrations].sort((a) => (a === this.#inbox ? -1 : 0));
    for (const registration of ordered) {
      registration.id = undefined;
      await this.#announce(registration).catch((cause: unknown) => this.#log(`ubus: ${cause}`));
    }
  }

  #incoming(connection: Connection, frame: Frame): void {
    const id = objectOf(frame);
    for (const registration of this.#registrations) {
      if (id === undefined || registration.id !== id) continue;
      if (frame.type === messageType.invoke) registration.invoked(frame, connection, id);
      else if (frame.type === messageType.notify) registration.active?.(flagOf(frame, attr.active));
      else if (frame.type === messageType.unsubscribe) registration.targetGone?.(intOf(frame, attr.target));
    }
  }

  #lost(connection: Connection, cause: Error | undefined): void {
    if (this.#connection !== connection) return;
    this.#connection = undefined;
    this.#ids.clear();
    for (const registration of this.#registrations) registration.id = undefined;
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

  async #invoke(
    id: number,
    what: string,
    method: string,
    data: Buffer,
    timeoutMs: number,
  ): Promise<Table | undefined> {
    let reply: Table | undefined;
    const write = (w: BlobWriter) => {
      w.putInt(attr.objectId, id);
      w.putText(attr.method, method);
      w.putRaw(attr.data, data);
    };
    await this.#request(
      messageType.invoke,
      id,
      what,
      write,
      (frame) => {
        reply = dataOf(frame);
      },
      timeoutMs,
    );
    return reply;
  }

  #request(
    type: number,
    peer: number,
    what: string,
    write: (w: BlobWriter) => void,
    onData?: (frame: Frame) => void,
    timeoutMs = this.#timeoutMs,
  ): Promise<void> {
    if (!this.#connection)
      return Promise.reject(new UbusError('connection_failed', `${what}: not connected`));
    return this.#connection.request(type, peer, timeoutMs, what, write, onData);
  }
}

function dataOf(frame: Frame): Table {
  const payload = rawOf(frame, attr.data);
  return payload ? decodeTable(payload) : {};
}

/** Tells the sender that a notification has arrived, if it wants to know; events come from ubusd, peer 0. */
function acknowledge(frame: Frame, connection: Connection, id: number): void {
  if (frame.peer === 0 || flagOf(frame, attr.noReply)) return;
  connection.post(messageType.status, frame.seq, frame.peer, (w) => {
    w.putInt(attr.status, 0);
    w.putInt(attr.objectId, id);
  });
}

/** As ubusd matches: a final `*` stands for anything. */
export function matches(pattern: string, name: string): boolean {
  return pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern;
}
