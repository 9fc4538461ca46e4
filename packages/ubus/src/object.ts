import type { Connection } from './connection.js';
import { UbusError } from './error.js';
import { attr, type Frame, flagOf, intOf, messageType, rawOf, textOf } from './frame.js';
import { blobType, decodeTable, encodeTable, type Table } from './value.js';

/** Types that a signature can announce; `ubus -v list` has no word for double and int64. */
export type ArgumentType = 'string' | 'int32' | 'int64' | 'boolean' | 'array' | 'table' | 'double';

/** Who calls, as ubusd says. */
export interface Caller {
  /** ubusd's number for the caller's connection. */
  readonly peer: number;
  readonly user: string | undefined;
  readonly group: string | undefined;
}

export interface ObjectMethod {
  /** Announced to callers, not checked: the handler gets whatever came. */
  readonly args: Readonly<Record<string, ArgumentType>>;
  /** A promise defers the reply. A thrown {@link UbusError} is its status, anything else `unknown_error`. */
  handler(args: Table, caller: Caller): Table | undefined | Promise<Table | undefined>;
}

export interface ObjectOptions {
  readonly path: string;
  readonly methods: Readonly<Record<string, ObjectMethod>>;
  /** The first subscriber came, or the last one went. */
  readonly onSubscribers?: (active: boolean) => void;
}

const typeNumbers: Readonly<Record<ArgumentType, number>> = {
  string: blobType.string,
  int32: blobType.int32,
  int64: blobType.int64,
  boolean: blobType.int8,
  array: blobType.array,
  table: blobType.table,
  double: blobType.double,
};

/** The signature as ADD_OBJECT carries it: for each method a table of argument types. */
export function encodeSignature(methods: ObjectOptions['methods']): Buffer {
  const table: Table = {};
  for (const [name, { args }] of Object.entries(methods)) {
    table[name] = Object.fromEntries(Object.entries(args).map(([arg, type]) => [arg, typeNumbers[type]]));
  }
  return encodeTable(table);
}

/** Answers one INVOKE that came for `methods`; `id` is ours on this connection. */
export async function answerInvoke(
  connection: Connection,
  id: number,
  frame: Frame,
  methods: ObjectOptions['methods'],
  log: (text: string) => void,
): Promise<void> {
  const { seq, peer } = frame;
  const silent = flagOf(frame, attr.noReply);
  const method = textOf(frame, attr.method) ?? '';
  const caller = { peer, user: textOf(frame, attr.user), group: textOf(frame, attr.group) };
  let status = 0;
  try {
    const known = Object.hasOwn(methods, method) ? methods[method] : undefined;
    if (!known) throw new UbusError('method_not_found', method);
    const payload = rawOf(frame, attr.data);
    // Decoding copies: the frame is gone when a handler goes on later.
    const called = known.handler(payload ? decodeTable(payload) : {}, caller);
    const reply = called instanceof Promise ? await called : called;
    if (reply && !silent) replyWith(connection, seq, peer, id, encodeTable(reply));
  } catch (cause) {
    status = statusOf(cause, method, log);
  }
  if (silent) return;
  connection.post(messageType.status, seq, peer, (w) => {
    w.putInt(attr.status, status);
    w.putInt(attr.objectId, id);
  });
}

function replyWith(connection: Connection, seq: number, peer: number, id: number, data: Buffer): void {
  connection.post(messageType.data, seq, peer, (w) => {
    w.putInt(attr.objectId, id);
    w.putRaw(attr.data, data);
  });
}

function statusOf(cause: unknown, method: string, log: (text: string) => void): number {
  if (cause instanceof UbusError) return cause.status;
  log(`ubus method ${method}: ${cause instanceof Error ? cause.stack : String(cause)}`);
  return new UbusError('unknown_error', '').status;
}

/** The object that a message of ubusd is about. */
export function objectOf(frame: Frame): number | undefined {
  return intOf(frame, attr.objectId);
}
