import { existsSync } from 'node:fs';
import { createConnection, type Socket } from 'node:net';

/** Where ubusd listens: on OpenWrt today, and on its older releases. */
const usualSockets = ['/var/run/ubus/ubus.sock', '/var/run/ubus.sock'] as const;

/** The first of the usual places that is there, or the present one: ubusd may come later. */
export function usualSocket(): string {
  return usualSockets.find((path) => existsSync(path)) ?? usualSockets[0];
}

/** A stream of bytes to the other end: all that the protocol knows of sockets. */
export interface Channel {
  /** Sends bytes, together with all others of this turn of the event loop. */
  send(bytes: Buffer): void;
  /** Bytes that are waiting to be sent. */
  readonly waiting: number;
  /** Ends it at once; what waits is not sent. */
  close(): void;
}

/** What a channel tells; `closed` is the last, and comes once. */
export interface ChannelEvents {
  /** Valid for the call only. */
  data(chunk: Buffer): void;
  closed(cause: Error | undefined): void;
}

/** Room for what comes in one read, in bytes. */
const room = 64 * 1024;

/**
 * Connects to a unix socket, whose every read comes in the same room: what is told of is valid for the call only.
 * Rejects with the system's error when nobody listens there.
 */
export function connectUnix(path: string, events: ChannelEvents): Promise<Channel> {
  return new Promise((resolve, reject) => {
    const callback = (length: number, bytes: Uint8Array) => {
      events.data((bytes as Buffer).subarray(0, length));
      return true;
    };
    const socket = createConnection({ path, onread: { buffer: Buffer.allocUnsafeSlow(room), callback } });
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.off('error', reject);
      resolve(channelOf(socket, events));
    });
  });
}

/** A connected socket as a channel, which owns it from now on. */
export function channelOf(socket: Socket, events: ChannelEvents): Channel {
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
