import type { Connection, Question } from './connection.js';
import { attr, type Frame, flagOf, messageType, rawOf } from './frame.js';
import { decodeTable, putTable, type Table } from './value.js';

/** What objects, subscriptions and listeners need of the client that they belong to. */
export interface Bus {
  /** Whether there is a connection now. */
  readonly connected: boolean;
  /** Sends a question on the present connection and waits for its status. @throws {@link UbusError} */
  request(question: Question): Promise<void>;
  /**
   * Sends a question that changes ubusd's state. After a time-out nobody knows whether ubusd has carried it out, so the
   * connection is given up: ubusd then forgets what came over it, and everything is announced anew on the next
   * connection.
   */
  change(question: Question): Promise<void>;
  /** Reports an error that no call of the user's could throw. */
  fault(what: string, cause: unknown): void;
  /** Runs a function of the user's. If it throws, or rejects later, that is reported like {@link Bus.fault}. */
  tell(what: string, run: () => unknown): void;
}

/** A method call on object `id`, as a question. `onReply` sees each table of its answer. */
export function calling(
  id: number,
  what: string,
  method: string,
  args: Table,
  onReply?: (reply: Table) => void,
): Question {
  return {
    type: messageType.invoke,
    peer: id,
    what,
    write(w) {
      w.putInt(attr.objectId, id);
      w.putText(attr.method, method);
      putTable(w, attr.data, args);
    },
    onData: (frame) => onReply?.(dataOf(frame)),
  };
}

/** The table that a message carries; empty without one. @throws {@link WireError} */
export function dataOf(frame: Frame): Table {
  const payload = rawOf(frame, attr.data);
  return payload ? decodeTable(payload) : {};
}

/** Where the answer to a call goes, without the bytes of the call. */
export interface Sender {
  readonly connection: Connection;
  readonly seq: number;
  readonly peer: number;
  /** Our object that was called; ubusd takes no answer without it. */
  readonly id: number;
  /** The caller waits for no answer: it said so, or this is an event, which comes from ubusd, peer 0. */
  readonly silent: boolean;
}

/** Where the answer to this message goes, which came for our object `id`. */
export function senderOf(frame: Frame, connection: Connection, id: number): Sender {
  const { seq, peer } = frame;
  return { connection, seq, peer, id, silent: peer === 0 || flagOf(frame, attr.noReply) };
}

/** Sends data, as a part of an answer. @throws {@link WireError} for what ubus cannot carry. */
export function reply({ connection, seq, peer, id, silent }: Sender, table: Table): void {
  if (silent) return;
  connection.post(messageType.data, seq, peer, (w) => {
    w.putInt(attr.objectId, id);
    putTable(w, attr.data, table);
  });
}

/** Sends the status, with which an answer ends. */
export function conclude({ connection, seq, peer, id, silent }: Sender, status: number): void {
  if (silent) return;
  connection.post(messageType.status, seq, peer, (w) => {
    w.putInt(attr.status, status);
    w.putInt(attr.objectId, id);
  });
}
