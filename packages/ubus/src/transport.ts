import { chmodSync, unlinkSync } from 'node:fs';
import { createConnection, createServer, type Socket } from 'node:net';

/** A stream of bytes to the other end: all that the protocol knows of sockets. */
export interface Channel {
  /** Sends bytes, together with all others of this turn of the event loop. */
  send(bytes: Buffer): void;
  /** Bytes that are waiting to be sent. */
  readonly waiting: number;
  close(): void;
}

/** What a channel tells; `closed` is the last, and comes once. */
export interface ChannelEvents {
  data(chunk: Buffer): void;
  closed(cause: Error | undefined): void;
}

/** Connects to a unix socket. Rejects with the system's error when nobody listens there. */
export function connectUnix(path: string, events: ChannelEvents): Promise<Channel> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(path);
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.off('error', reject);
      resolve(channelOf(socket, events));
    });
  });
}

/** A listening unix socket. */
export interface Listener {
  close(): Promise<void>;
}

/** Listens on a unix socket for this user alone; a socket that a dead process left is taken away. */
export function listenUnix(
  path: string,
  accept: (open: (events: ChannelEvents) => Channel) => void,
): Promise<Listener> {
  removeSocket(path);
  const server = createServer((socket) => accept((events) => channelOf(socket, events)));
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => {
      chmodSync(path, 0o600);
      resolve({ close: () => new Promise((done) => server.close(() => done())) });
    });
  });
}

function channelOf(socket: Socket, events: ChannelEvents): Channel {
  let cause: Error | undefined;
  let corked = false;
  socket.on('data', (chunk) => events.data(chunk));
  socket.on('error', (error) => {
    cause = error;
  });
  socket.once('close', () => events.closed(cause));
  return {
    get waiting() {
      return socket.writableLength;
    },
    send(bytes) {
      if (!corked) {
        corked = true;
        socket.cork();
        process.nextTick(() => {
          corked = false;
          socket.uncork();
        });
      }
      socket.write(bytes);
    },
    close: () => socket.destroy(),
  };
}

function removeSocket(path: string): void {
  try {
    unlinkSync(path);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') throw cause;
  }
}
