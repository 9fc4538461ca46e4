import { createSocket } from 'node:dgram';
import { once } from 'node:events';

/** A UDP port of the loopback that nobody uses now. */
export async function freePort(address: '127.0.0.1' | '::1' = '127.0.0.1'): Promise<number> {
  const socket = createSocket(address === '::1' ? 'udp6' : 'udp4').bind(0, address);
  await once(socket, 'listening');
  const { port } = socket.address();
  socket.close();
  await once(socket, 'close');
  return port;
}
