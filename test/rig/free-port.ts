import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';

type Loopback = '127.0.0.1' | '::1';

/** Takes a port, and says which; `close` gives it back. */
interface Held {
  address(): AddressInfo | string | null;
  close(): unknown;
}

/** A UDP port of the loopback that nobody uses now. */
export async function freeUdpPort(address: Loopback = '127.0.0.1'): Promise<number> {
  return (await freeUdpPorts(1, address))[0]!;
}

/** UDP ports of the loopback that nobody uses now, each another one. */
export function freeUdpPorts(count: number, address: Loopback = '127.0.0.1'): Promise<number[]> {
  return freePorts(count, async () => {
    const socket = createSocket(address === '::1' ? 'udp6' : 'udp4').bind(0, address);
    await once(socket, 'listening');
    return socket;
  });
}

/** A TCP port of the loopback that nobody uses now. */
export async function freeTcpPort(): Promise<number> {
  return (await freeTcpPorts(1))[0]!;
}

/** TCP ports of the loopback that nobody uses now, each another one. */
export function freeTcpPorts(count: number): Promise<number[]> {
  return freePorts(count, async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    return server;
  });
}

/** All are held until each is known: one that is given back at once may be the next one, too. */
async function freePorts(count: number, hold: () => Promise<Held & NodeJS.EventEmitter>): Promise<number[]> {
  const held = await Promise.all(Array.from({ length: count }, hold));
  const ports = held.map((one) => (one.address() as AddressInfo).port);
  await Promise.all(
    held.map((one) => {
      const closed = once(one, 'close');
      one.close();
      return closed;
    }),
  );
  return ports;
}
