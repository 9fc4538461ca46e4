import { createSocket } from 'node:dgram';
import type { Endpoint } from './section.js';

/** The address from which packets to a server go out; undefined when there is no way to it now. */
export function addressTowards({ host, port }: Endpoint): Promise<string | undefined> {
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
  return new Promise((resolve) => {
    // The callback does not hear of a socket that cannot be bound, as in a kernel without IPv6.
    socket.once('error', () => {
      socket.close();
      resolve(undefined);
    });
    socket.connect(port, host, (error?: Error) => {
      resolve(error ? undefined : socket.address().address);
      socket.close();
    });
  });
}
