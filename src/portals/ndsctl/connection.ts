import { createConnection, type Socket } from 'node:net';
import { NdsctlError } from './error.js';
import type { ReplyBytes } from './reply-bytes.js';

/** Bytes beyond which a reply is none: 16,000 clients of openNDS, 50,000 of nodogsplash. */
export const mostReplyBytes = 16 * 1024 * 1024;

/** What becomes of a {@link Connection}. */
export interface Hearing {
  /** The portal whose socket is at the path has taken the connection, or will. */
  connected(): void;
  /** More of the reply has come. */
  heard(): void;
  /** The reply is whole, or there will be none. */
  ended(fault: NdsctlError | undefined): void;
}

/** One request on a connection of its own: the command in one write, the reply to its end. */
export class Connection {
  readonly #socket: Socket;

  constructor(path: string, command: string, into: ReplyBytes, hearing: Hearing) {
    into.clear();
    const socket = createConnection({
      path,
      onread: { buffer: () => into.room(), callback: (bytes) => received(bytes) },
    });
    this.#socket = socket;
    const received = (bytes: number): boolean => {
      into.took(bytes);
      hearing.heard();
      if (into.length <= mostReplyBytes) return true;
      hearing.ended(new NdsctlError('failed', `the reply is larger than ${mostReplyBytes} bytes`));
      return false;
    };
    socket.on('connect', () => {
      hearing.connected();
      socket.write(`${command}\n`);
    });
    socket.on('end', () => hearing.ended(undefined));
    socket.on('error', (cause) => hearing.ended(connectionError(path, cause)));
    socket.on('close', () => hearing.ended(new NdsctlError('failed', 'the portal hung up')));
  }

  /** Once the command is written: an empty connection would be of no use to anybody. */
  close(): void {
    const socket = this.#socket;
    if (socket.connecting) socket.once('connect', () => socket.destroy());
    else socket.destroy();
  }
}

function connectionError(path: string, cause: NodeJS.ErrnoException): NdsctlError {
  if (cause.code === 'ENOENT') return new NdsctlError('absent', `there is no socket ${path}`, { cause });
  if (cause.code === 'ECONNREFUSED') {
    return new NdsctlError('refused', `nobody listens on ${path}`, { cause });
  }
  // The backlog has room for six.
  if (cause.code === 'EAGAIN') return new NdsctlError('busy', 'too many requests wait for it', { cause });
  return new NdsctlError('failed', `${path}: ${cause.message}`, { cause });
}
