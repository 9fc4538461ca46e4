import { randomInt } from 'node:crypto';
import { userInfo } from 'node:os';
import { attr, encodeTable, matches, messageType, type Table } from 'openwrt-ubus/wire';
import type { BrokerClient, BrokerObject } from './client.js';

/** All clients are of the user that runs the broker; Node knows no names of groups. */
const owner = ownName();

function ownName(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.());
  }
}

/** Objects below this are ubusd's own. */
const firstObject = 1024;

/** A number that is not taken: all 32 bits are used, as by ubusd. */
export function freeId(taken: ReadonlyMap<number, unknown>): number {
  for (;;) {
    const id = randomInt(firstObject, 0xffff_ffff);
    if (!taken.has(id)) return id;
  }
}

/** The broker's objects, who subscribed to them, and who listens for events. */
export class BrokerObjects {
  readonly #objects = new Map<number, BrokerObject>();
  readonly #paths = new Map<string, BrokerObject>();
  readonly #listeners = new Set<{ readonly object: BrokerObject; readonly pattern: string }>();

  get(id: number | undefined): BrokerObject | undefined {
    return id === undefined ? undefined : this.#objects.get(id);
  }

  hasPath(path: string | undefined): boolean {
    return path !== undefined && this.#paths.has(path);
  }

  /** By path: all for undefined, those that begin with what stands before a final `*`, or one. */
  find(pattern: string | undefined): BrokerObject[] {
    if (pattern !== undefined && !pattern.endsWith('*')) {
      const object = this.#paths.get(pattern);
      return object ? [object] : [];
    }
    return [...this.#paths.values()].filter((o) => matches(pattern ?? '*', o.path!));
  }

  add(owner: BrokerClient, path: string | undefined, signature: Buffer | undefined): BrokerObject {
    const id = freeId(this.#objects);
    const object = {
      id,
      owner,
      path,
      signature,
      subscribers: new Set<BrokerObject>(),
      targets: new Set<BrokerObject>(),
    };
    this.#objects.set(id, object);
    owner.objects.add(object);
    if (path !== undefined) this.#paths.set(path, object);
    return object;
  }

  /** Takes an object away; whoever subscribed to it or was subscribed to by it hears of that. */
  drop(object: BrokerObject): void {
    this.#objects.delete(object.id);
    object.owner.objects.delete(object);
    for (const listener of this.#listeners) if (listener.object === object) this.#listeners.delete(listener);
    for (const target of object.targets) unsubscribe(object, target);
    for (const subscriber of object.subscribers) {
      subscriber.targets.delete(object);
      subscriber.owner.send(messageType.unsubscribe, 0, 0, (w) => {
        w.putInt(attr.objectId, subscriber.id);
        w.putInt(attr.target, object.id);
      });
    }
    if (object.path === undefined) return;
    this.#paths.delete(object.path);
    this.event(undefined, 'ubus.object.remove', { id: object.id, path: object.path });
  }

  listen(object: BrokerObject, pattern: string): void {
    this.#listeners.add({ object, pattern });
  }

  /** Delivers an event once to each object that listens for it, never to the sender. */
  event(sender: BrokerClient | undefined, name: string, data: Table): void {
    const objects = new Set<BrokerObject>();
    for (const { object, pattern } of this.#listeners) {
      if (matches(pattern, name) && object.owner !== sender) objects.add(object);
    }
    const bytes = encodeTable(data);
    for (const object of objects) deliver(object, sender, 0, name, bytes, true);
  }
}

/** Subscribes `object` to `target`, which hears of its first subscriber. */
export function subscribe(object: BrokerObject, target: BrokerObject): void {
  object.targets.add(target);
  target.subscribers.add(object);
  if (target.subscribers.size === 1) tellActive(target);
}

/** The opposite; the target hears when its last subscriber went. @returns false when there was no subscription. */
export function unsubscribe(object: BrokerObject, target: BrokerObject): boolean {
  object.targets.delete(target);
  if (!target.subscribers.delete(object)) return false;
  if (target.subscribers.size === 0) tellActive(target);
  return true;
}

/** Passes a call, a notification or an event on to the owner of `object`. */
export function deliver(
  object: BrokerObject,
  from: BrokerClient | undefined,
  seq: number,
  method: string,
  data: Buffer | undefined,
  silent: boolean,
): void {
  object.owner.send(messageType.invoke, seq, from?.id ?? 0, (w) => {
    w.putInt(attr.objectId, object.id);
    w.putText(attr.method, method);
    if (silent) w.putByte(attr.noReply, 1);
    if (from) {
      w.putText(attr.user, owner);
      w.putText(attr.group, owner);
    }
    w.putRaw(attr.data, data ?? Buffer.alloc(0));
  });
}

function tellActive(target: BrokerObject): void {
  target.owner.send(messageType.notify, 0, 0, (w) => {
    w.putInt(attr.objectId, target.id);
    w.putByte(attr.active, target.subscribers.size > 0 ? 1 : 0);
  });
}
