import { type Bus, conclude, dataOf, senderOf } from './bus.js';
import type { Connection } from './connection.js';
import { isRefusal, UbusError } from './error.js';
import { sendEventsTo } from './events.js';
import { attr, type Frame, messageType, textOf } from './frame.js';
import { findObject } from './lookup.js';
import type { Registration } from './registry.js';
import type { Table } from './value.js';

/** What hears notifications. If it throws, or rejects, `onError` is told. */
export type OnNotify = (type: string, data: Table) => void;

const objectAdded = 'ubus.object.add';

/** A subscription to the object at `path`. It subscribes again each time that the object comes back. */
export class Subscription implements Registration {
  readonly what: string;
  id: number | undefined;
  readonly #path: string;
  readonly #onNotify: OnNotify;
  readonly #bus: Bus;
  /** The object's number while we are subscribed, or about to be. */
  #target: number | undefined;

  constructor(path: string, onNotify: OnNotify, bus: Bus) {
    this.what = `subscribing to ${path}`;
    this.#path = path;
    this.#onNotify = onNotify;
    this.#bus = bus;
  }

  /** Listen for events before the look-up, so that an object that comes in between is not missed. */
  async registered(id: number): Promise<void> {
    this.#target = undefined;
    await sendEventsTo(id, objectAdded, this.#bus);
    await this.#follow(id);
  }

  invoked(frame: Frame, connection: Connection, id: number): void {
    const type = textOf(frame, attr.method) ?? '';
    const data = dataOf(frame);
    // Events come from ubusd itself, notifications from the object's owner.
    if (frame.peer !== 0) {
      this.#bus.tell(`subscriber of ${this.#path}`, () => this.#onNotify(type, data));
      conclude(senderOf(frame, connection, id), 0);
    } else if (type === objectAdded && data.path === this.#path) {
      this.#follow(id).catch((cause: unknown) => isRefusal(cause) && this.#bus.fault(this.what, cause));
    }
  }

  targetGone(target: number | undefined): void {
    if (this.#target === target) this.#target = undefined;
  }

  /** Subscribes, if the object is there and we are not subscribed yet. */
  async #follow(id: number): Promise<void> {
    const target = await findObject(this.#path, (question) => this.#bus.change(question));
    if (target === undefined || target === this.#target || id !== this.id) return;
    // Set it before the answer: the news that the target is gone may come in the same read as the answer.
    this.#target = target;
    try {
      await this.#bus.change({
        type: messageType.subscribe,
        peer: 0,
        what: this.what,
        write(w) {
          w.putInt(attr.objectId, id);
          w.putInt(attr.target, target);
        },
      });
    } catch (cause) {
      this.targetGone(target);
      // The object has gone since it was looked up: an event will tell when it comes back.
      if (!(cause instanceof UbusError) || cause.code !== 'not_found') throw cause;
    }
  }
}
