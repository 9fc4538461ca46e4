import type { Bus } from './bus.js';
import type { Question } from './connection.js';
import { UbusError } from './error.js';
import { attr, type Frame, intOf, messageType, rawOf, textOf } from './frame.js';
import { decodeSignature, type Signature } from './signature.js';

/** An object that somebody offers. */
export interface ListedObject {
  /** ubusd's number for it: another one each time that it is published. */
  readonly id: number;
  readonly path: string;
  /** Its methods with the types of their arguments, by name; those only that this user may call. */
  readonly methods: Signature;
}

type Ask = (question: Question) => Promise<void>;

/** Objects by path: all without one, or those that begin with what stands before a final `*`. */
export async function listObjects(pattern: string | undefined, bus: Bus): Promise<ListedObject[]> {
  const found: ListedObject[] = [];
  const ask = (question: Question) => bus.request(question);
  await lookUp(pattern, ask, (frame, id, path) => {
    found.push({ id, path, methods: methodsOf(frame, path, bus) });
  });
  return found;
}

/** The number of the object with exactly this path; `ask` asks ubusd. */
export async function findObject(path: string, ask: Ask): Promise<number | undefined> {
  let found: number | undefined;
  await lookUp(path, ask, (_frame, id, name) => {
    if (name === path) found = id;
  });
  return found;
}

async function lookUp(
  pattern: string | undefined,
  ask: Ask,
  visit: (frame: Frame, id: number, path: string) => void,
): Promise<void> {
  // When asked for all objects, ubusd waits for a slow reader; when asked by a pattern, it drops what its queue cannot
  // hold.
  const path = pattern === '*' ? undefined : pattern;
  try {
    await ask({
      type: messageType.lookup,
      peer: 0,
      what: `looking up ${pattern ?? 'all objects'}`,
      write: (w) => path !== undefined && w.putText(attr.path, path),
      onData: (frame) => visit(frame, intOf(frame, attr.objectId) ?? 0, textOf(frame, attr.path) ?? ''),
    });
  } catch (cause) {
    const none = cause instanceof UbusError && cause.origin === 'ubusd' && cause.code === 'not_found';
    if (!none) throw cause;
  }
}

/**
 * Leaves out an object whose announcement cannot be read: ubusd does not check announcements, and one bad object must
 * not hide the rest.
 */
function methodsOf(frame: Frame, path: string, bus: Bus): Signature {
  try {
    return decodeSignature(rawOf(frame, attr.signature) ?? Buffer.alloc(0));
  } catch (cause) {
    bus.fault(`the methods of ${path} cannot be read`, cause);
    return {};
  }
}
