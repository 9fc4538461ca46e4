import { type Bus, conclude, senderOf } from './bus.js';
import type { Connection } from './connection.js';
import { isRefusal, UbusError } from './error.js';
import { attr, type Frame, flagOf, intOf, messageType } from './frame.js';

/** Something of ours that ubusd calls: an object with a path, or the end of a subscription or of events. */
export interface Registration {
  /** Others find it by this; without one it is known to ubusd only. */
  readonly path?: string;
  /** Its methods on the wire: without one ubusd lists no object. */
  readonly signature?: Buffer;
  /** What it is, in the words of error messages. */
  readonly what: string;
  /** The object's number on the present connection, while ubusd has it. */
  id: number | undefined;
  /** On the present connection. */
  hasSubscribers?: boolean;
  invoked(frame: Frame, connection: Connection, id: number): void;
  /** The first subscriber came, or the last one went. */
  active?(active: boolean): void;
  /** What we had subscribed to is gone. */
  targetGone?(target: number | undefined): void;
  /** What is left to do once it has its number; done again for as long as it is refused. */
  registered?(id: number): Promise<void>;
}

/** Waits between tries, in milliseconds: the first one, doubled up to the last. */
export interface Backoff {
  readonly minMs: number;
  readonly maxMs: number;
}

/** The wait after `tries` in vain, in milliseconds. */
export function waitAfter(tries: number, { minMs, maxMs }: Backoff): number {
  return Math.min(maxMs, minMs * 2 ** Math.min(tries, 16));
}

const noMethods = Buffer.alloc(0);

/** What a client has at ubusd: announced when it is added, and again on every new connection. */
export class Registry {
  readonly #registrations = new Set<Registration>();
  readonly #retries = new Map<Registration, NodeJS.Timeout>();
  readonly #bus: Bus;
  readonly #backoff: Backoff;

  constructor(bus: Bus, backoff: Backoff) {
    this.#bus = bus;
    this.#backoff = backoff;
  }

  /**
   * Adds one and announces it, now or with the next connection.
   * @throws {@link UbusError} if it is refused; it has not been added then.
   */
  async add(registration: Registration): Promise<void> {
    this.#registrations.add(registration);
    if (!this.#bus.connected) return;
    try {
      await this.#announce(registration);
    } catch (cause) {
      if (!isRefusal(cause)) return;
      await this.remove(registration);
      throw cause;
    }
  }

  /** Takes one away, here at once and at ubusd if it is there. Never rejects. */
  async remove(registration: Registration): Promise<void> {
    this.#registrations.delete(registration);
    this.#stopRetry(registration);
    const { id } = registration;
    registration.id = undefined;
    if (id !== undefined && this.#bus.connected) await this.#withdraw(id, registration.what);
  }

  /** Announces everything on a new connection, in the order in which it was added. */
  async announceAll(): Promise<void> {
    for (const registration of [...this.#registrations]) await this.#insist(registration, 0);
  }

  /** The connection is gone, and all numbers with it. */
  forget(): void {
    for (const registration of this.#registrations) {
      registration.id = undefined;
      registration.hasSubscribers = false;
      this.#stopRetry(registration);
    }
  }

  /** Hands a message of ubusd to whom it is for. */
  dispatch(connection: Connection, frame: Frame): void {
    const id = intOf(frame, attr.objectId);
    if (id === undefined) return;
    const registration = this.#find(id);
    if (frame.type === messageType.invoke) {
      // As libubus does (libubus-obj.c): the caller need not wait for its time-out.
      if (registration) registration.invoked(frame, connection, id);
      else conclude(senderOf(frame, connection, id), new UbusError('not_found', '').status);
    } else if (frame.type === messageType.notify) {
      if (!registration) return;
      registration.hasSubscribers = flagOf(frame, attr.active);
      registration.active?.(registration.hasSubscribers);
    } else if (frame.type === messageType.unsubscribe) registration?.targetGone?.(intOf(frame, attr.target));
  }

  #find(id: number): Registration | undefined {
    for (const registration of this.#registrations) if (registration.id === id) return registration;
    return undefined;
  }

  /** Announces one object. While ubusd refuses it, tries again until ubusd accepts it or the object is removed. */
  async #insist(registration: Registration, tries: number): Promise<void> {
    if (!this.#registrations.has(registration)) return;
    try {
      await this.#announce(registration);
    } catch (cause) {
      if (!isRefusal(cause) || !this.#registrations.has(registration)) return;
      if (tries === 0) this.#bus.fault(`${registration.what} was refused, and is tried again`, cause);
      const again = () => void this.#insist(registration, tries + 1);
      this.#retries.set(registration, setTimeout(again, waitAfter(tries, this.#backoff)));
    }
  }

  async #announce(registration: Registration): Promise<void> {
    await this.#addObject(registration);
    const { id, what } = registration;
    if (id === undefined) return;
    try {
      await registration.registered?.(id);
    } catch (cause) {
      registration.id = undefined;
      if (isRefusal(cause)) await this.#withdraw(id, what);
      throw cause;
    }
  }

  async #addObject(registration: Registration): Promise<void> {
    const { path, signature = noMethods, what } = registration;
    let id: number | undefined;
    await this.#bus.change({
      type: messageType.addObject,
      peer: 0,
      what,
      write(w) {
        if (path !== undefined) w.putText(attr.path, path);
        w.putRaw(attr.signature, signature);
      },
      onData: (frame) => {
        id = intOf(frame, attr.objectId);
        // Record the number at once: the first call of the object may come in the same read.
        if (this.#registrations.has(registration)) registration.id = id;
      },
    });
    if (id !== undefined && !this.#registrations.has(registration)) await this.#withdraw(id, what);
  }

  async #withdraw(id: number, what: string): Promise<void> {
    try {
      await this.#bus.change({
        type: messageType.removeObject,
        peer: 0,
        what: `${what}: removing it`,
        write: (w) => w.putInt(attr.objectId, id),
      });
    } catch (cause) {
      // With its connection an object goes, too.
      if (isRefusal(cause)) this.#bus.fault(what, cause);
    }
  }

  #stopRetry(registration: Registration): void {
    clearTimeout(this.#retries.get(registration));
    this.#retries.delete(registration);
  }
}
