import type { BlobWriter } from './blob.js';
import { attr, messageType, textOf } from './frame.js';
import { acknowledge, dataOf, type Registration, type Request } from './registry.js';
import type { Table } from './value.js';

/** An end for the notifications of the object at `path`, which it follows through each of its lives. */
export class Subscription {
  readonly registration: Registration;
  readonly #path: string;
  readonly #request: Request;
  readonly #lookUp: (path: string) => Promise<number | undefined>;
  /** The object's number while we are subscribed, or about to be. */
  #target: number | undefined;

  constructor(
    path: string,
    onNotify: (type: string, data: Table) => void,
    request: Request,
    lookUp: (path: string) => Promise<number | undefined>,
  ) {
    this.#path = path;
    this.#request = request;
    this.#lookUp = lookUp;
    this.registration = {
      id: undefined,
      invoked: (frame, connection, id) => {
        onNotify(textOf(frame, attr.method) ?? '', dataOf(frame));
        acknowledge(frame, connection, id);
      },
      targetGone: (gone) => {
        if (this.#target === gone) this.#target = undefined;
      },
      registered: () => {
        this.#target = undefined;
        return this.follow();
      },
    };
  }

  /** Subscribes, if the object is there and we are not subscribed yet. */
  async follow(): Promise<void> {
    if (this.#target !== undefined) return;
    const target = await this.#lookUp(this.#path);
    const { id } = this.registration;
    if (target === undefined || id === undefined) return;
    // Before the answer: the news that the target is gone again may come in the same read as the answer.
    this.#target = target;
    const write = (w: BlobWriter) => {
      w.putInt(attr.objectId, id);
      w.putInt(attr.target, target);
    };
    await this.#request(messageType.subscribe, 0, `subscribe ${this.#path}`, write).catch(
      (cause: unknown) => {
        if (this.#target === target) this.#target = undefined;
        throw cause;
      },
    );
  }
}
