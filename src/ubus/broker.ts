import { randomInt } from 'node:crypto';
import type { BlobWriter } from './blob.js';
import { BrokerClient, type BrokerObject } from './broker-client.js';
import { attr, type Frame, flagOf, intOf, messageType, rawOf, textOf } from './frame.js';
import { type Listener, listenUnix } from './transport.js';
import { decodeTable, encodeTable, type Table } from './value.js';

const status = {
  ok: 0,
  invalidCommand: 1,
  invalidArgument: 2,
  methodNotFound: 3,
  notFound: 4,
  denied: 6,
} as const;

/** Objects below this are ubusd's own; 1 is the one for events. */
const firstObject = 1024;
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
 * ubusd in the same process, for the demo and the tests: objects, calls, subscriptions, notifications, events. It has
 * no access lists, for its socket belongs to one user.
 */
export class UbusBroker {
  readonly #path: string;
  readonly #clients = new Map<number, BrokerClient>();
  readonly #objects = new Map<number, BrokerObject>();
  readonly #paths = new Map<string, BrokerObject>();
  readonly #listeners = new Set<{ readonly object: BrokerObject; readonly pattern: string }>();
  #listener: Listener | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  async start(): Promise<void> {
    this.#listener = await listenUnix(this.#path, (open) => {
      const client: BrokerClient = new BrokerClient(this.#freeId(this.#clients), open, {
        frame: (frame) => this.#handle(client, frame),
        closed: () => this.#leave(client),
      });
      this.#clients.set(client.id, client);
      client.send(messageType.hello, 0, client.id);
    });
  }

  /** Drops all clients and takes the socket away. */
  async stop(): Promise<void> {
    for (const client of this.#clients.values()) client.close();
    await this.#listener?.close();
  }

  #handle(client: BrokerClient, frame: Frame): void {
    let code: number | undefined;
    try {
      code = this.#carryOut(client, frame);
    } catch (cause) {
      // What is no message of ubus at all is answered like one that makes no sense.
      code = cause instanceof Refused ? cause.status : status.invalidArgument;
    }
    if (code === undefined) return;
    const id = intOf(frame, attr.objectId);
    client.send(messageType.status, frame.seq, frame.peer, (w) => {
      w.putInt(attr.status, code);
      if (frame.type === messageType.invoke && id !== undefined) w.putInt(attr.objectId, id);
    });
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
    const found =
      pattern === undefined || pattern.endsWith('*')
        ? [...this.#paths.values()].filter((o) => o.path!.startsWith(pattern?.slice(0, -1) ?? ''))
        : [this.#paths.get(pattern)];
    let any = false;
    for (const object of found) {
      if (!object?.signature) continue;
      any = true;
      client.send(messageType.data, frame.seq, frame.peer, (w) => {
        w.putText(attr.path, object.path!);
        w.putInt(attr.objectId, object.id);
        w.putInt(attr.objectType, object.id);
        w.putRaw(attr.signature, object.signature!);
      });
    }
    return any || pattern === undefined ? status.ok : status.notFound;
  }

  #addObject(client: BrokerClient, frame: Frame): number {
    const path = textOf(frame, attr.path);
    if (path !== undefined && this.#paths.has(path)) return status.invalidArgument;
    const signature = rawOf(frame, attr.signature);
    const id = this.#freeId(this.#objects);
    const object: BrokerObject = {
      id,
      owner: client,
      path,
      // The frame's bytes are the stream's.
      signature: signature && Buffer.from(signature),
      subscribers: new Set(),
      targets: new Set(),
    };
    this.#objects.set(id, object);
    client.objects.add(object);
    client.send(messageType.data, frame.seq, frame.peer, (w) => {
      w.putInt(attr.objectId, id);
      w.putInt(attr.objectType, id);
    });
    if (path !== undefined) {
      this.#paths.set(path, object);
      this.#event(undefined, 'ubus.object.add', { id, path });
    }
    return status.ok;
  }

  #removeObject(client: BrokerClient, frame: Frame): number {
    this.#drop(this.#own(client, frame));
    return status.ok;
  }

  #invoke(client: BrokerClient, frame: Frame): number | undefined {
    const id = intOf(frame, attr.objectId);
    const method = textOf(frame, attr.method);
    if (id === undefined || method === undefined) return status.invalidArgument;
    if (id === eventsObject) return this.#events(client, frame, method);
    const object = this.#objects.get(id);
    if (!object) return status.notFound;
    this.#deliver(object, client, frame.seq, method, rawOf(frame, attr.data), flagOf(frame, attr.noReply));
    return undefined;
  }

  /** Passes an answer on to whom it is for; one that names another's object, or none, is dropped. */
  #reply(client: BrokerClient, frame: Frame): undefined {
    const object = this.#objects.get(intOf(frame, attr.objectId) ?? -1);
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
    const target = this.#objects.get(intOf(frame, attr.target) ?? -1);
    if (!target || target.owner === client) return target ? status.invalidArgument : status.notFound;
    object.targets.add(target);
    target.subscribers.add(object);
    if (target.subscribers.size === 1) this.#tellActive(target);
    return status.ok;
  }

  #unsubscribe(client: BrokerClient, frame: Frame): number {
    const object = this.#own(client, frame);
    const target = this.#objects.get(intOf(frame, attr.target) ?? -1);
    if (!target || !object.targets.delete(target)) return status.notFound;
    this.#unlink(object, target);
    return status.ok;
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
      this.#deliver(subscriber, client, frame.seq, method, data, silent);
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
    this.#event(client, id, data as Table);
    return status.ok;
  }

  #listen(client: BrokerClient, args: Table): number {
    // As in ubusd the number is an int32, whatever its sign.
    if (typeof args.object !== 'number' || (args.object | 0) !== args.object) return status.invalidArgument;
    const object = this.#objects.get(args.object >>> 0);
    if (object?.owner !== client || typeof args.pattern !== 'string') return status.invalidArgument;
    this.#listeners.add({ object, pattern: args.pattern });
    return status.ok;
  }

  /** Delivers an event once to each object that listens for it, never to the sender. */
  #event(sender: BrokerClient | undefined, name: string, data: Table): void {
    const objects = new Set<BrokerObject>();
    for (const { object, pattern } of this.#listeners) {
      const matches = pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern;
      if (matches && object.owner !== sender) objects.add(object);
    }
    const bytes = encodeTable(data);
    for (const object of objects) this.#deliver(object, sender, 0, name, bytes, true);
  }

  #deliver(
    object: BrokerObject,
    from: BrokerClient | undefined,
    seq: number,
    method: string,
    data: Buffer | undefined,
    silent: boolean,
  ): void {
    object.owner.send(messageType.invoke, seq, from?.id ?? 0, (w: BlobWriter) => {
      w.putInt(attr.objectId, object.id);
      w.putText(attr.method, method);
      if (silent) w.putByte(attr.noReply, 1);
      w.putRaw(attr.data, data ?? Buffer.alloc(0));
    });
  }

  #own(client: BrokerClient, frame: Frame): BrokerObject {
    const object = this.#objects.get(intOf(frame, attr.objectId) ?? -1);
    if (!object) throw new Refused(status.notFound);
    if (object.owner !== client) throw new Refused(status.denied);
    return object;
  }

  #tellActive(target: BrokerObject): void {
    target.owner.send(messageType.notify, 0, 0, (w) => {
      w.putInt(attr.objectId, target.id);
      w.putByte(attr.active, target.subscribers.size > 0 ? 1 : 0);
    });
  }

  #unlink(object: BrokerObject, target: BrokerObject): void {
    if (target.subscribers.delete(object) && target.subscribers.size === 0) this.#tellActive(target);
  }

  #drop(object: BrokerObject): void {
    this.#objects.delete(object.id);
    object.owner.objects.delete(object);
    for (const listener of this.#listeners) if (listener.object === object) this.#listeners.delete(listener);
    for (const target of object.targets) this.#unlink(object, target);
    for (const subscriber of object.subscribers) {
      subscriber.targets.delete(object);
      subscriber.owner.send(messageType.unsubscribe, 0, 0, (w) => {
        w.putInt(attr.objectId, subscriber.id);
        w.putInt(attr.target, object.id);
      });
    }
    if (object.path === undefined) return;
    this.#paths.delete(object.path);
    this.#event(undefined, 'ubus.object.remove', { id: object.id, path: object.path });
  }

  #leave(client: BrokerClient): void {
    this.#clients.delete(client.id);
    for (const object of [...client.objects]) this.#drop(object);
  }

  #freeId(taken: ReadonlyMap<number, unknown>): number {
    for (;;) {
      const id = randomInt(firstObject, 0xffff_ffff);
      if (!taken.has(id)) return id;
    }
  }
}
