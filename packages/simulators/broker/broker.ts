import {
  attr,
  decodeFrame,
  decodeHead,
  decodeTable,
  type Frame,
  flagOf,
  intOf,
  messageType,
  rawOf,
  type Table,
  textOf,
} from 'openwrt-ubus/wire';
import { BrokerClient, type BrokerObject } from './client.js';
import { type Listener, listenUnix } from './listen.js';
import { BrokerObjects, deliver, freeId, subscribe, unsubscribe } from './objects.js';

const status = {
  ok: 0,
  invalidCommand: 1,
  invalidArgument: 2,
  methodNotFound: 3,
  notFound: 4,
  denied: 6,
} as const;

/** ubusd's own object, for events. */
const eventsObject = 1;

/** Thrown by a handler: the status that its request is answered with. */
class Refused extends Error {
  readonly status: number;

  constructor(code: number) {
    super(`status ${code}`);
    this.status = code;
  }
}

/**
 * ubusd in the same process: objects, calls, subscriptions, notifications and events. It has no access lists: whoever
 * can open its socket may do everything.
 */
export class UbusBroker {
  readonly #path: string;
  readonly #clients = new Map<number, BrokerClient>();
  readonly #objects = new BrokerObjects();
  #listener: Listener | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  async start(): Promise<void> {
    this.#listener = await listenUnix(this.#path, (open) => {
      const client: BrokerClient = new BrokerClient(freeId(this.#clients), open, {
        message: (message) => this.#handle(client, message),
        closed: () => this.#leave(client),
      });
      this.#clients.set(client.id, client);
      client.send(messageType.hello, 0, client.id);
    });
  }

  /** Drops all clients and removes the socket. */
  async stop(): Promise<void> {
    for (const client of this.#clients.values()) client.close();
    await this.#listener?.close();
  }

  #handle(client: BrokerClient, message: Buffer): void {
    let code: number | undefined;
    try {
      code = this.#carryOut(client, decodeFrame(message));
    } catch (cause) {
      // A message that cannot be decoded is answered like one with wrong arguments.
      code = cause instanceof Refused ? cause.status : status.invalidArgument;
    }
    if (code === undefined) return;
    const { seq, peer } = decodeHead(message);
    // It names no object, as ubusd's own answers do not.
    client.send(messageType.status, seq, peer, (w) => w.putInt(attr.status, code));
  }

  /** @returns the status to answer with; undefined where the answer is given later, or never. */
  #carryOut(client: BrokerClient, frame: Frame): number | undefined {
    switch (frame.type) {
      case messageType.ping:
        return status.ok;
      case messageType.lookup:
        return this.#lookup(client, frame);
      case messageType.addObject:
        return this.#addObject(client, frame);
      case messageType.removeObject:
        return this.#removeObject(client, frame);
      case messageType.invoke:
        return this.#invoke(client, frame);
      case messageType.data:
      case messageType.status:
        return this.#reply(client, frame);
      case messageType.subscribe:
        return this.#subscribe(client, frame);
      case messageType.unsubscribe:
        return this.#unsubscribe(client, frame);
      case messageType.notify:
        return this.#notify(client, frame);
      default:
        return status.invalidCommand;
    }
  }

  #lookup(client: BrokerClient, frame: Frame): number {
    const pattern = textOf(frame, attr.path);
    // Without a signature an object is invisible.
    const found = this.#objects.find(pattern).filter((o) => o.signature);
    for (const { id, path, signature } of found) {
      client.send(messageType.data, frame.seq, frame.peer, (w) => {
        w.putText(attr.path, path!);
        w.putInt(attr.objectId, id);
        w.putInt(attr.objectType, id);
        w.putRaw(attr.signature, signature!);
      });
    }
    return found.length > 0 || pattern === undefined ? status.ok : status.notFound;
  }

  #addObject(client: BrokerClient, frame: Frame): number {
    const path = textOf(frame, attr.path);
    if (this.#objects.hasPath(path)) return status.invalidArgument;
    const signature = rawOf(frame, attr.signature);
    // A copy: the frame's bytes are the stream's.
    const { id } = this.#objects.add(client, path, signature && Buffer.from(signature));
    client.send(messageType.data, frame.seq, frame.peer, (w) => {
      w.putInt(attr.objectId, id);
      w.putInt(attr.objectType, id);
    });
    if (path !== undefined) this.#objects.event(undefined, 'ubus.object.add', { id, path });
    return status.ok;
  }

  #removeObject(client: BrokerClient, frame: Frame): number {
    this.#objects.drop(this.#own(client, frame));
    return status.ok;
  }

  #invoke(client: BrokerClient, frame: Frame): number | undefined {
    const id = intOf(frame, attr.objectId);
    const method = textOf(frame, attr.method);
    if (id === undefined || method === undefined) return status.invalidArgument;
    if (id === eventsObject) return this.#events(client, frame, method);
    const object = this.#objects.get(id);
    if (!object) return status.notFound;
    deliver(object, client, frame.seq, method, rawOf(frame, attr.data), flagOf(frame, attr.noReply));
    return undefined;
  }

  /** Passes an answer on to the caller that `peer` names; an answer for an object of another client is dropped. */
  #reply(client: BrokerClient, frame: Frame): undefined {
    const object = this.#objects.get(intOf(frame, attr.objectId));
    const caller = this.#clients.get(frame.peer);
    if (object?.owner !== client || !caller) return undefined;
    const code = intOf(frame, attr.status) ?? 0;
    const data = rawOf(frame, attr.data);
    caller.send(frame.type, frame.seq, object.id, (w) => {
      if (frame.type === messageType.status) w.putInt(attr.status, code);
      w.putInt(attr.objectId, object.id);
      if (data) w.putRaw(attr.data, data);
    });
    return undefined;
  }

  #subscribe(client: BrokerClient, frame: Frame): number {
    const object = this.#own(client, frame);
    const target = this.#objects.get(intOf(frame, attr.target));
    if (!target) return status.notFound;
    if (target.owner === client) return status.invalidArgument;
    subscribe(object, target);
    return status.ok;
  }

  #unsubscribe(client: BrokerClient, frame: Frame): number {
    const object = this.#own(client, frame);
    const target = this.#objects.get(intOf(frame, attr.target));
    return target && unsubscribe(object, target) ? status.ok : status.notFound;
  }

  #notify(client: BrokerClient, frame: Frame): number | undefined {
    const object = this.#own(client, frame);
    const method = textOf(frame, attr.method);
    if (method === undefined) return status.invalidArgument;
    const silent = flagOf(frame, attr.noReply);
    const data = rawOf(frame, attr.data);
    if (!silent) {
      client.send(messageType.status, frame.seq, object.id, (w) => {
        w.putInt(attr.status, status.ok);
        const nested = w.open(attr.subscribers, false);
        for (const subscriber of object.subscribers) w.putInt(0, subscriber.id);
        w.close(nested);
      });
    }
    for (const subscriber of object.subscribers) {
      deliver(subscriber, client, frame.seq, method, data, silent);
    }
    return undefined;
  }

  #events(client: BrokerClient, frame: Frame, method: string): number {
    const payload = rawOf(frame, attr.data);
    const args = payload ? decodeTable(payload) : {};
    if (method === 'register') return this.#listen(client, args);
    if (method !== 'send') return status.invalidCommand;
    const { id, data } = args;
    if (typeof id !== 'string' || typeof data !== 'object') return status.invalidArgument;
    if (id.startsWith('ubus.')) return status.denied;
    this.#objects.event(client, id, data as Table);
    return status.ok;
  }

  #listen(client: BrokerClient, args: Table): number {
    // As in ubusd the number is an int32, whatever its sign.
    if (typeof args.object !== 'number' || (args.object | 0) !== args.object) return status.invalidArgument;
    const object = this.#objects.get(args.object >>> 0);
    if (object?.owner !== client || typeof args.pattern !== 'string') return status.invalidArgument;
    this.#objects.listen(object, args.pattern);
    return status.ok;
  }

  #own(client: BrokerClient, frame: Frame): BrokerObject {
    const object = this.#objects.get(intOf(frame, attr.objectId));
    if (!object) throw new Refused(status.notFound);
    if (object.owner !== client) throw new Refused(status.denied);
    return object;
  }

  #leave(client: BrokerClient): void {
    this.#clients.delete(client.id);
    for (const object of [...client.objects]) this.#objects.drop(object);
  }
}
