import { calling } from './bus.js';
import { UbusError } from './error.js';
import { listening, type OnEvent, postEvent, sendEvent } from './events.js';
import { attr, messageType } from './frame.js';
import { Link } from './link.js';
import { findObject, type ListedObject, listObjects } from './lookup.js';
import { type ObjectOptions, registrationOf } from './object.js';
import type { UbusOptions } from './options.js';
import { type Registration, Registry } from './registry.js';
import { type OnNotify, Subscription } from './subscription.js';
import { putTable, type Table } from './value.js';

/** An object of ours that others can call and subscribe to. */
export interface PublishedObject {
  /**
   * Sends a notification to all subscribers, if there are any. Without a connection it is lost.
   * @throws {@link UbusError} `invalid_argument` for data that ubus cannot carry
   */
  notify(type: string, data?: Table): void;
  /** Takes the object away. Answers that it still owes are lost. Never rejects. */
  remove(): Promise<void>;
}

/** Ends a subscription or a listener. Never rejects. */
export type Stop = () => Promise<void>;

/** What may be said for a single call. */
export interface CallOptions {
  /** How long the answer may take, in milliseconds, from when the object has been looked up. @default the client's `callTimeoutMs` */
  readonly timeoutMs?: number;
}

/**
 * A client of ubus: calls, objects, subscriptions and events over one connection.
 *
 * When ubusd goes away it connects again, and announces every object, subscription and listener anew. Calls in flight
 * fail with `connection_failed`: nobody knows whether they were carried out.
 */
export class UbusClient {
  readonly #link: Link;
  readonly #registry: Registry;
  readonly #ids = new Map<string, Promise<number>>();

  constructor(options: UbusOptions = {}) {
    this.#link = new Link(options, {
      incoming: (connection, frame) => this.#registry.dispatch(connection, frame),
      opened: () => this.#registry.announceAll(),
      lost: () => {
        this.#ids.clear();
        this.#registry.forget();
      },
    });
    this.#registry = new Registry(this.#link, this.#link.backoff);
  }

  /** Whether there is a connection to ubusd now. */
  get connected(): boolean {
    return this.#link.connected;
  }

  /**
   * Connects, and announces what was published before. From then on it connects again by itself.
   * @throws {@link UbusError} `connection_failed`; it does not try again then, as {@link start} does.
   */
  connect(): Promise<void> {
    return this.#link.connect();
  }

  /** Connects now or, if ubusd is not there yet, as soon as it is. Never rejects. */
  start(): Promise<void> {
    return this.#link.start();
  }

  /**
   * Calls a method of an object.
   * @returns what it answered, the last table if there were several; undefined for no data.
   * @throws {@link UbusError} with the status of the answer, or of origin `client`
   */
  async call(
    path: string,
    method: string,
    args: Table = {},
    options: CallOptions = {},
  ): Promise<Table | undefined> {
    const id = await this.#idOf(path);
    try {
      return await this.#invoke(id, path, method, args, options);
    } catch (cause) {
      if (!isUnknownObject(cause)) throw cause;
      // The object may have come back under another number since it was looked up.
      this.#ids.delete(path);
      return this.#invoke(await this.#idOf(path), path, method, args, options);
    }
  }

  /**
   * Objects with their methods, as far as this user may see them: all, the one with this path, or those that begin with
   * what stands before a final `*`. Empty if there are none.
   * @throws {@link UbusError}
   */
  list(pattern?: string): Promise<ListedObject[]> {
    return listObjects(pattern, this.#link);
  }

  /**
   * Offers an object to others: now or with the next connection, and again after each reconnection.
   * @throws {@link UbusError} `invalid_argument` if ubusd refuses it: its path is taken, or not for this user.
   */
  async publish(options: ObjectOptions): Promise<PublishedObject> {
    const registration = registrationOf(options, this.#link);
    await this.#registry.add(registration);
    return {
      notify: (type, data = {}) => this.#notify(registration, type, data),
      remove: () => this.#registry.remove(registration),
    };
  }

  /**
   * Gets the notifications of the object at `path` whenever it is there: it may come later, go and come back.
   * @throws {@link UbusError} `invalid_argument` for an object of one's own
   */
  async subscribe(path: string, onNotify: OnNotify): Promise<Stop> {
    const subscription = new Subscription(path, onNotify, this.#link);
    await this.#registry.add(subscription);
    return () => this.#registry.remove(subscription);
  }

  /**
   * Hears events with this name; a final `*` stands for any ending. It never hears events that this client sends.
   * @throws {@link UbusError} `permission_denied` if this user may not
   */
  async listen(pattern: string, onEvent: OnEvent): Promise<Stop> {
    const registration = listening(pattern, onEvent, this.#link);
    await this.#registry.add(registration);
    return () => this.#registry.remove(registration);
  }

  /**
   * Sends an event to whoever listens for it; names that begin with `ubus.` are ubusd's own.
   * @throws {@link UbusError}
   */
  send(event: string, data: Table = {}): Promise<void> {
    return sendEvent(event, data, this.#link);
  }

  /**
   * Sends an event and waits for no answer: without a connection, or the right to send it, it is lost.
   * @throws {@link UbusError} `invalid_argument` for data that ubus cannot carry
   */
  post(event: string, data: Table = {}): void {
    postEvent(event, data, this.#link);
  }

  /**
   * Ends everything, for good. What was sent before arrives, notifications and answers too; calls in flight are rejected.
   * Resolves when the connection is gone, and never rejects.
   */
  close(): Promise<void> {
    return this.#link.close();
  }

  #notify({ id, hasSubscribers }: Registration, type: string, data: Table): void {
    if (id === undefined || !hasSubscribers) return;
    this.#link.post(messageType.notify, `notifying ${type}`, (w) => {
      w.putInt(attr.objectId, id);
      w.putText(attr.method, type);
      w.putByte(attr.noReply, 1);
      putTable(w, attr.data, data);
    });
  }

  async #invoke(
    id: number,
    path: string,
    method: string,
    args: Table,
    { timeoutMs }: CallOptions,
  ): Promise<Table | undefined> {
    let answer: Table | undefined;
    const question = calling(id, `${path} ${method}`, method, args, (table) => {
      answer = table;
    });
    await this.#link.request(question, timeoutMs);
    return answer;
  }

  #idOf(path: string): Promise<number> {
    const known = this.#ids.get(path);
    if (known) return known;
    const id = findObject(path, (question) => this.#link.request(question)).then((found) => {
      if (found !== undefined) return found;
      throw new UbusError('not_found', `there is no object ${path}`, { origin: 'ubusd' });
    });
    this.#ids.set(path, id);
    id.catch(() => this.#ids.get(path) === id && this.#ids.delete(path));
    return id;
  }
}

/** ubusd says that there is no such object. An object that says so itself of something else has done its work. */
function isUnknownObject(cause: unknown): boolean {
  return cause instanceof UbusError && cause.origin === 'ubusd' && cause.code === 'not_found';
}
