import type { BlobWriter } from './blob.js';
import { encoding, refused, UbusError } from './error.js';
import {
  attr,
  decodeFrame,
  decodeHead,
  encodeFrame,
  type Frame,
  FrameSplitter,
  type Head,
  intOf,
  isUnasked,
  longestForwarded,
  messageType,
} from './frame.js';
import { type Channel, connectUnix } from './transport.js';

/** A message that wants a status for an answer. */
export interface Question {
  /** One of {@link messageType}. */
  readonly type: number;
  /** The object that is called; 0 for ubusd. */
  readonly peer: number;
  /** What is asked for, in the words of error messages. */
  readonly what: string;
  write(writer: BlobWriter): void;
  /** Sees each message of data that comes before the status; valid for the call only. */
  onData?(frame: Frame): void;
}

/** A question that waits for its status. */
interface Pending {
  readonly question: Question;
  readonly resolve: () => void;
  readonly reject: (cause: UbusError) => void;
  readonly timer: NodeJS.Timeout;
}

export interface ConnectionEvents {
  /** A message that is no answer: a call, a notification, a change of subscribers. */
  incoming(frame: Frame): void;
  /** A message that came could not be dealt with, and the next one can. */
  fault(cause: unknown): void;
  /** Comes once, and last. */
  closed(cause: Error | undefined): void;
}

/** The greatest 16-bit sequence number; 0 is ubusd's own. */
const lastSeq = 0xffff;
/**
 * The most bytes that may wait to be sent. ubusd reads as fast as it can: if more bytes wait, it has stopped reading.
 */
const mostWaiting = 8 * 1024 * 1024;
/** How long {@link Connection.end} waits for an ubusd that is leaving or stuck, in ms. */
const farewellMs = 5000;

/** Runs when what has already arrived was read: a process that stood still must not take that for ubusd's silence. */
const afterReading = setImmediate;

/** One connection to ubusd, from HELLO to its end: it never comes back, see {@link UbusClient} for that. */
export class Connection {
  readonly #events: ConnectionEvents;
  readonly #splitter = new FrameSplitter(longestForwarded);
  readonly #pending = new Map<number, Pending>();
  #channel: Channel | undefined;
  #seq = 0;
  #hello: (() => void) | undefined;
  #failed: ((cause: UbusError) => void) | undefined;
  #ended: (() => void) | undefined;
  #cause: Error | undefined;
  #isClosing = false;

  constructor(events: ConnectionEvents) {
    this.#events = events;
  }

  /** Connects and waits for HELLO. @throws {@link UbusError} `connection_failed` */
  async open(path: string, timeoutMs: number): Promise<void> {
    const greeted = this.#greeted(timeoutMs);
    try {
      this.#channel = await connectUnix(path, {
        data: (chunk) => this.#receive(chunk),
        closed: (cause) => this.#closed(cause),
      });
    } catch (cause) {
      // There is no connection: nobody could send HELLO.
      this.#hello?.();
      const why = (cause as Error).message;
      throw new UbusError('connection_failed', `cannot connect to ubusd at ${path}: ${why}`, { cause });
    }
    if (this.#isClosing) this.#channel.close();
    await greeted;
  }

  /**
   * Sends a question and waits for its status.
   * @throws {@link UbusError} with the status of the answer, or of origin `client`
   */
  request(question: Question, timeoutMs: number): Promise<void> {
    const { type, peer, what, write } = question;
    return new Promise((resolve, reject) => {
      if (!this.#channel) throw new UbusError('connection_failed', `${what}: not connected to ubusd`);
      const seq = this.#nextSeq();
      if (seq === undefined) throw new UbusError('no_memory', `${what}: too many requests are waiting`);
      const bytes = encoding(what, () => encodeFrame(type, seq, peer, write));
      const timer = setTimeout(() => afterReading(() => this.#giveUp(seq, pending, timeoutMs)), timeoutMs);
      const pending = { question, resolve, reject, timer };
      this.#pending.set(seq, pending);
      this.#send(bytes);
    });
  }

  /** Sends a message that is an answer, or wants none. @throws {@link WireError} `too_large` */
  post(type: number, seq: number, peer: number, write: (writer: BlobWriter) => void): void {
    this.#send(encodeFrame(type, seq, peer, write));
  }

  /** Ends the connection at once; what waits for an answer is rejected. */
  close(cause?: Error): void {
    this.#cause ??= cause;
    this.#isClosing = true;
    this.#channel?.close();
  }

  /**
   * Ends the connection when ubusd has read what was sent: it reads nothing any more of a client that has hung up
   * (uloop-epoll.c sets `eof`, client_cb in ubusd_main.c looks at it first).
   */
  async end(): Promise<void> {
    const ping = { type: messageType.ping, peer: 0, what: 'ping', write: () => {} };
    await this.request(ping, farewellMs).catch(() => {});
    if (!this.#channel) return;
    const ended = new Promise<void>((resolve) => {
      this.#ended = resolve;
    });
    this.close();
    await ended;
  }

  #giveUp(seq: number, pending: Pending, timeoutMs: number): void {
    if (this.#pending.get(seq) !== pending) return;
    const text = `${pending.question.what}: no answer in ${timeoutMs} ms`;
    this.#finish(seq, pending, new UbusError('timeout', text));
  }

  /** Resolves with HELLO, or rejects when the connection ends before, because of the time-out for one. */
  async #greeted(timeoutMs: number): Promise<void> {
    let isGreeted = false;
    const late = () => isGreeted || this.close(new Error(`ubusd did not greet in ${timeoutMs} ms`));
    const timer = setTimeout(() => afterReading(late), timeoutMs);
    const greeted = new Promise<void>((resolve, reject) => {
      this.#hello = resolve;
      this.#failed = reject;
    });
    try {
      await greeted;
      isGreeted = true;
    } finally {
      clearTimeout(timer);
    }
  }

  #send(bytes: Buffer): void {
    if (!this.#channel) return;
    this.#channel.send(bytes);
    if (this.#channel.waiting > mostWaiting) this.close(new Error('ubusd does not read any more'));
  }

  /** The next number that no question in flight has; undefined when all are taken. */
  #nextSeq(): number | undefined {
    if (this.#pending.size >= lastSeq) return undefined;
    do this.#seq = (this.#seq % lastSeq) + 1;
    while (this.#pending.has(this.#seq));
    return this.#seq;
  }

  #receive(chunk: Buffer): void {
    try {
      this.#splitter.feed(chunk, (message) => this.#take(message));
    } catch (cause) {
      this.close(cause as Error);
    }
  }

  #take(message: Buffer): void {
    if (isUnasked(message)) return;
    try {
      this.#dispatch(decodeFrame(message));
    } catch (cause) {
      // The peer of a call wrote the bad message, and ubusd only passed it on: keep the connection.
      this.#spoiled(decodeHead(message), cause);
    }
  }

  #dispatch(frame: Frame): void {
    if (frame.type === messageType.hello) this.#hello?.();
    else if (frame.type === messageType.data) this.#answered(frame)?.question.onData?.(frame);
    else if (frame.type === messageType.status) this.#complete(frame);
    else this.#events.incoming(frame);
  }

  /**
   * Finds the question of an answer. An answer that comes after its time-out may carry the number of a newer question.
   */
  #answered({ seq, peer }: Head): Pending | undefined {
    const pending = this.#pending.get(seq);
    return pending?.question.peer === peer ? pending : undefined;
  }

  #complete(frame: Frame): void {
    const pending = this.#answered(frame);
    if (!pending) return;
    const status = intOf(frame, attr.status) ?? 0;
    // ubusd names no object in its own answers, and takes no answer of an object that does not (ubusd_proto.c).
    const origin = intOf(frame, attr.objectId) === undefined ? 'ubusd' : 'object';
    this.#finish(frame.seq, pending, status && refused(status, pending.question.what, origin));
  }

  #spoiled(head: Head, cause: unknown): void {
    const pending = this.#answered(head);
    const isAnswer = head.type === messageType.data || head.type === messageType.status;
    if (!isAnswer) this.#events.fault(cause);
    else if (pending) {
      const text = `${pending.question.what}: the answer cannot be read: ${(cause as Error).message}`;
      this.#finish(head.seq, pending, new UbusError('parse_error', text, { cause }));
    }
  }

  #finish(seq: number, { timer, resolve, reject }: Pending, error: UbusError | 0): void {
    this.#pending.delete(seq);
    clearTimeout(timer);
    if (error) reject(error);
    else resolve();
  }

  #closed(systemCause: Error | undefined): void {
    const cause = this.#cause ?? systemCause;
    this.#channel = undefined;
    const failure = (what: string) => {
      const why = cause ? `: ${cause.message}` : '';
      return new UbusError('connection_failed', `${what}: the connection to ubusd ended${why}`, { cause });
    };
    this.#failed?.(failure('connecting'));
    for (const [seq, pending] of this.#pending) this.#finish(seq, pending, failure(pending.question.what));
    this.#events.closed(cause);
    this.#ended?.();
  }
}
