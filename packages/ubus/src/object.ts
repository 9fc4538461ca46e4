import { type Bus, conclude, dataOf, reply, type Sender, senderOf } from './bus.js';
import { encoding, UbusError, WireError } from './error.js';
import { attr, type Frame, textOf } from './frame.js';
import type { Registration } from './registry.js';
import { type ArgumentType, encodeSignature } from './signature.js';
import type { Table } from './value.js';

/** Who calls, as ubusd says. */
export interface Caller {
  /** ubusd's number for the caller's connection. */
  readonly peer: number;
  /** Names of the user and the group that the caller runs as. */
  readonly user: string | undefined;
  readonly group: string | undefined;
}

/** A method of a published object. */
export interface ObjectMethod {
  /** Announced to callers, not checked: the handler gets whatever came. */
  readonly args: Readonly<Record<string, ArgumentType>>;
  /**
   * Answers with a table, or with nothing but the status. A promise defers the answer. A {@link UbusError} that is
   * thrown is answered with its status, anything else with `unknown_error`, and told to `onError`.
   */
  handler(args: Table, caller: Caller): Table | undefined | Promise<Table | undefined>;
  /**
   * Answers a call whose arguments cannot be read, as when they are nested more than 32 deep. @param why in words
   * @default the status `invalid_argument`
   */
  unreadable?(why: string): Table;
}

/** An object to publish. */
export interface ObjectOptions {
  /** Its name on the bus. */
  readonly path: string;
  readonly methods: Readonly<Record<string, ObjectMethod>>;
  /** The first subscriber came, or the last one went. */
  readonly onSubscribers?: (active: boolean) => void;
}

/**
 * What ubusd is told of an object, and who answers for it.
 * @throws {@link UbusError} `invalid_argument` for methods that cannot be announced.
 */
export function registrationOf({ path, methods, onSubscribers }: ObjectOptions, bus: Bus): Registration {
  const what = `publishing ${path}`;
  return {
    path,
    what,
    signature: encoding(what, () => encodeSignature(methods)),
    id: undefined,
    invoked: (frame, connection, id) => void answer(senderOf(frame, connection, id), frame, methods, bus),
    active: (active) => bus.tell(`onSubscribers of ${path}`, () => onSubscribers?.(active)),
  };
}

/** Answers one INVOKE; never rejects. */
async function answer(
  sender: Sender,
  frame: Frame,
  methods: ObjectOptions['methods'],
  bus: Bus,
): Promise<void> {
  let name = '';
  let status = 0;
  try {
    name = textOf(frame, attr.method) ?? '';
    const called = invoke(name, frame, methods);
    const table = called instanceof Promise ? await called : called;
    if (table) reply(sender, table);
  } catch (cause) {
    if (!(cause instanceof UbusError)) bus.fault(`method ${name}`, cause);
    status = cause instanceof UbusError ? cause.status : new UbusError('unknown_error', '').status;
  }
  conclude(sender, status);
}

/** The frame is read here, and not after a wait: its bytes are the stream's. */
function invoke(
  name: string,
  frame: Frame,
  methods: ObjectOptions['methods'],
): ReturnType<ObjectMethod['handler']> {
  const method = Object.hasOwn(methods, name) ? methods[name] : undefined;
  if (!method) throw new UbusError('method_not_found', name);
  const caller = { peer: frame.peer, user: textOf(frame, attr.user), group: textOf(frame, attr.group) };
  let args: Table;
  try {
    args = dataOf(frame);
  } catch (cause) {
    if (!(cause instanceof WireError)) throw cause;
    if (method.unreadable) return method.unreadable(cause.message);
    throw new UbusError('invalid_argument', name, { cause });
  }
  return method.handler(args, caller);
}
