import type { BlobWriter } from './blob.js';
import { UbusError } from './error.js';
import { attr, encodeFrame, type Frame, FrameSplitter, intOf, messageType } from './frame.js';
import { type Channel, connectUnix } from './transport.js';

/** A request that waits for its status. */
interface Pending {
  readonly what: string;
  readonly onData: ((frame: Frame) => void) | undefined;
  readonly resolve: () => void;
  readonly reject: (cause: UbusError) => void;
  readonly timer: NodeJS.Timeout;
}

export interface ConnectionEvents {
  /** A message that is no answer: a call, a notification, a change of subscribers. */
  incoming(frame: Frame): void;
  closed(cause: Error | undefined): void;
}

/** Ends of the 16-bit sequence numbers; 0 is ubusd's own. */
const lastSeq = 0xffff;
/** ubusd drops what a client does not read, and stops reading who does not: beyond this the peer is lost. */
const mostWaiting = 8 * 1024 * 1024;

/** One connection to ubusd, from HELLO to its end: it never comes back, see {@link UbusClient} for that. */
export class Connection {
  readonly #events: ConnectionEvents;
  readonly #splitter = new FrameSplitter();
  readonly #pending = new Map<number, Pending>();
  #channel: Channel | undefined;
  #seq = 0;
  #hello: (() => void) | undefined;
  #failed: ((cause: UbusError) => void) | undefined;
  #cause: Error | undefined;

  constructor(events: ConnectionEvents) {
    this.#events = events;
  }

  /** Connects and waits for HELLO. @throws {@link UbusError} `connection_failed` */
  async open(path: string, timeoutMs: number): Promise<void> {
    const greeted = new Promise<void>((resolve, reject) => {
      this.#hello = resolve;
      this.#failed = reject;
    });
    greeted.catch(() => {});
    try {
      this.#channel = await connectUnix(path, {
        data: (chunk) => this.#receive(chunk),
        closed: (cause) => this.#closed(cause),
      });
    } catch (cause) {
      throw new UbusError('connection_failed', `cannot connect to ${path}`, { cause });
    }
    const timer = setTimeout(() => this.close(new Error('no HELLO')), timeoutMs);
    await greeted.finally(() => clearTimeout(timer));
  }

  /**
   * Sends a request and waits for its status; `onData` sees each answer before that.
   * @throws {@link UbusError} with the status of the answer, `timeout` or `connection_failed`.
   */
  request(
    type: number,
    peer: number,
    timeoutMs: number,
    what: string,
    write: (writer: BlobWriter) => void,
    onData?: (frame: Frame) => void,
  ): Promise<void> {
    return new Promise((resolve, reject) => {
      const seq = this.#nextSeq();
      if (!this.#channel || seq === undefined) {
        reject(
          new UbusError(
            'connection_failed',
            `${what}: ${seq ? 'not connected' : 'too many calls in flight'}`,
          ),
        );
        return;
      }
      const bytes = encodeFrame(type, seq, peer, write);
      const timer = setTimeout(() => {
        this.#pending.delete(seq);
        reject(new UbusError('timeout', `${what}: no answer in ${timeoutMs} ms`));
      }, timeoutMs);
      this.#pending.set(seq, { what, onData, resolve, reject, timer });
      this.#send(bytes);
    });
  }

  /** Sends a message that is an answer, or wants none. */
  post(type: number, seq: number, peer: number, write: (writer: BlobWriter) => void): void {
    this.#send(encodeFrame(type, seq, peer, write));
  }

  /** Ends the connection; what waits for an answer is rejected. */
  close(cause?: Error): void {
    this.#cause ??= cause;
    this.#channel?.close();
  }

  #send(bytes: Buffer): void {
    if (!this.#channel) return;
    this.#channel.send(bytes);
    if (this.#channel.waiting > mostWaiting) this.close(new Error('ubusd does not read any more'));
  }

  /** The next number that no request in flight has; undefined when all are taken. */
  #nextSeq(): number | undefined {
    if (this.#pending.size >= lastSeq) return undefined;
    do this.#seq = (this.#seq % lastSeq) + 1;
    while (this.#pending.has(this.#seq));
    return this.#seq;
  }

  #receive(chunk: Buffer): void {
    try {
      this.#splitter.feed(chunk, (frame) => this.#dispatch(frame));
    } catch (cause) {
      this.close(cause as Error);
    }
  }

  #dispatch(frame: Frame): void {
    if (frame.type === messageType.hello) {
      this.#hello?.();
      return;
    }
    const pending = this.#pending.get(frame.seq);
    if (frame.type === messageType.data) pending?.onData?.(frame);
    else if (frame.type === messageType.status) this.#complete(frame, pending);
    else this.#events.incoming(frame);
  }

  #complete(frame: Frame, pending: Pending | undefined): void {
    if (!pending) return;
    this.#pending.delete(frame.seq);
    clearTimeout(pending.timer);
    const status = intOf(frame, attr.status) ?? 0;
    if (status === 0) pending.resolve();
    else pending.reject(UbusError.of(status, pending.what));
  }

  #closed(systemCause: Error | undefined): void {
    const cause = this.#cause ?? systemCause;
    this.#channel = undefined;
    const failure = (what: string) =>
      new UbusError('connection_failed', `${what}: the connection ended`, { cause });
    this.#failed?.(failure('hello'));
    for (const { what, reject, timer } of this.#pending.values()) {
      clearTimeout(timer);
      reject(failure(what));
    }
    this.#pending.clear();
    this.#events.closed(cause);
  }
}
