import { createSocket, type Socket } from 'node:dgram';
import type { LookupAddress } from 'node:dns';
import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import { isIP } from 'node:net';
import type { Channel, ChannelEvents, Source, Transport } from './transport.js';

type Lookup = (host: string) => Promise<LookupAddress>;

/** RADIUS over UDP, IPv4 and IPv6: each channel is a connected socket, so the kernel drops what others send. */
export class UdpTransport implements Transport {
  readonly #lookup: Lookup;
  /** The address that a name had when it could last be looked up: better than none while the DNS is away. */
  readonly #known = new Map<string, LookupAddress>();

  /** @param find how a name is looked up. @default the system's resolver */
  constructor(find: Lookup = (host) => lookup(host)) {
    this.#lookup = find;
  }

  async open(host: string, port: number, events: ChannelEvents): Promise<Channel> {
    const { address, family } = await this.#resolve(host);
    const socket = createSocket(family === 6 ? 'udp6' : 'udp4');
    try {
      const connected = once(socket, 'connect');
      socket.connect(port, address);
      await connected;
    } catch (error) {
      socket.close();
      throw error;
    }
    socket.on('message', (datagram) => events.received(datagram));
    socket.on('error', (error: NodeJS.ErrnoException) => events.failed(error.code ?? error.message));
    let open = true;
    return {
      send: (datagram) => open && socket.send(datagram),
      close: () => {
        if (open) socket.close();
        open = false;
      },
    };
  }

  async #resolve(host: string): Promise<LookupAddress> {
    try {
      const found = await this.#lookup(host);
      this.#known.set(host, found);
      return found;
    } catch (error) {
      const known = this.#known.get(host);
      if (!known) throw error;
      return known;
    }
  }
}

/**
 * Octets of the kernel's memory for datagrams that wait to be read: it takes some 800 for each, and gives no more than
 * twice net.core.rmem_max. Without it 256 datagrams wait, and the others of a burst are lost.
 */
const waiting = 4 * 1024 * 1024;

/** A socket that takes datagrams from anybody. */
export interface Listener {
  readonly port: number;
  /** Resolves when the port is free again. */
  close(): Promise<void>;
}

/**
 * Listens on an address, IPv4 or IPv6; `::` takes both. On a router with several addresses, give the one that servers
 * send to: a reply from a wildcard socket leaves with the source address of its route.
 * @param received is called with each datagram; its `send` answers the datagram
 * @throws the system's error, such as `EADDRINUSE`
 */
export async function listen(
  at: Source,
  received: (datagram: Buffer, from: Source, send: (reply: Buffer) => void) => void,
): Promise<Listener> {
  const type = isIP(at.address) === 6 ? 'udp6' : 'udp4';
  const socket = createSocket({ type, recvBufferSize: waiting });
  try {
    const listening = once(socket, 'listening');
    socket.bind(at.port, at.address);
    await listening;
  } catch (error) {
    socket.close();
    throw error;
  }
  // A reply that cannot be sent is lost like any datagram: the sender repeats its request.
  socket.on('error', () => {});
  socket.on('message', (datagram, { address, port }) => {
    received(datagram, { address, port }, (reply) => sendTo(socket, reply, { address, port }));
  });
  return { port: socket.address().port, close: () => closed(socket) };
}

function sendTo(socket: Socket, reply: Buffer, { address, port }: Source): void {
  try {
    socket.send(reply, port, address);
  } catch {
    // The socket was closed meanwhile, or the sender's port was 0.
  }
}

async function closed(socket: Socket): Promise<void> {
  const end = once(socket, 'close');
  socket.close();
  await end;
}
