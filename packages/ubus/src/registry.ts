import type { BlobWriter } from './blob.js';
import type { Connection } from './connection.js';
import { UbusError } from './error.js';
import { attr, type Frame, flagOf, intOf, messageType, rawOf } from './frame.js';
import { encodeSignature, type ObjectOptions, objectOf } from './object.js';
import { decodeTable, encodeTable, type Table } from './value.js';

/** Something of ours that ubusd calls: an object with a path, or the end of a subscription or of all events. */
export interface Registration {
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

/** Sends a request on the present connection and waits for its status. */
export type Request = (
  type: number,
  peer: number,
  what: string,
  write: (writer: BlobWriter) => void,
  onData?: (frame: Frame) => void,
) => Promise<void>;

const noMethods = Buffer.alloc(0);

/** What a client has at ubusd: announced when it is added, and again on every new connection. */
export class Registry {
  readonly #registrations = new Set<Registration>();
  readonly #request: Request;

  constructor(request: Request) {
    this.#request = request;
  }

  /** Adds one, and announces it if `connected`; otherwise that is done with the next connection. */
  async add(registration: Registration, connected: boolean): Promise<void> {
    this.#registrations.add(registration);
    if (!connected) return;
    try {
      await this.#announce(registration);
    } catch (cause) {
      const later = cause instanceof UbusError && cause.code === 'connection_failed';
      if (!later) this.#registrations.delete(registration);
      throw cause;
    }
  }

  async remove(registration: Registration, connected: boolean): Promise<void> {
    this.#registrations.delete(registration);
    const { id } = registration;
    registration.id = undefined;
    if (id === undefined || !connected) return;
    await this.#request(messageType.removeObject, 0, 'remove', (w) => w.putInt(attr.objectId, id));
  }

  /** Announces everything on a new connection, in the order in which it was added. */
  async announceAll(log: (text: string) => void): Promise<void> {
    for (const registration of [...this.#registrations]) {
      registration.id = undefined;
      await this.#announce(registration).catch((cause: unknown) => log(`ubus: ${cause}`));
    }
  }

  /** The connection is gone, and all numbers with it. */
  forget(): void {
    for (const registration of this.#registrations) registration.id = undefined;
  }

  /** Hands a message of ubusd to whom it is for. */
  dispatch(connection: Connection, frame: Frame): void {
    const id = objectOf(frame);
    for (const registration of this.#registrations) {
      if (id === undefined || registration.id !== id) continue;
      if (frame.type === messageType.invoke) registration.invoked(frame, connection, id);
      else if (frame.type === messageType.notify) registration.active?.(flagOf(frame, attr.active));
      else if (frame.type === messageType.unsubscribe) registration.targetGone?.(intOf(frame, attr.target));
    }
  }

  async #announce(registration: Registration): Promise<void> {
    const { path, methods } = registration;
    const write = (w: BlobWriter) => {
      if (path !== undefined) w.putText(attr.path, path);
      w.putRaw(attr.signature, methods ? encodeSignature(methods) : noMethods);
    };
    await this.#request(messageType.addObject, 0, `publish ${path ?? ''}`, write, (frame) => {
      registration.id = objectOf(frame);
    });
    if (registration.id !== undefined) await registration.registered?.(registration.id);
  }
}

/** A method call on object `id`. @returns the last table of its answer, or undefined. */
export async function invoke(
  request: Request,
  id: number,
  what: string,
  method: string,
  args: Table,
): Promise<Table | undefined> {
  const data = encodeTable(args);
  let reply: Table | undefined;
  const write = (w: BlobWriter) => {
    w.putInt(attr.objectId, id);
    w.putText(attr.method, method);
    w.putRaw(attr.data, data);
  };
  await request(messageType.invoke, id, what, write, (frame) => {
    reply = dataOf(frame);
  });
  return reply;
}

/** The table that a message carries; empty without one. */
export function dataOf(frame: Frame): Table {
  const payload = rawOf(frame, attr.data);
  return payload ? decodeTable(payload) : {};
}

/** Tells the sender that a notification has arrived, if it wants to know; events come from ubusd, peer 0. */
export function acknowledge(frame: Frame, connection: Connection, id: number): void {
  if (frame.peer === 0 || flagOf(frame, attr.noReply)) return;
  connection.post(messageType.status, frame.seq, frame.peer, (w) => {
    w.putInt(attr.status, 0);
    w.putInt(attr.objectId, id);
  });
}
