import { chmodSync, unlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { type Channel, type ChannelEvents, channelOf } from 'openwrt-ubus/wire';

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

function removeSocket(path: string): void {
  try {
    unlinkSync(path);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') throw cause;
  }
}
