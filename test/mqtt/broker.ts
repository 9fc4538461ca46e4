// A broker in this process, for tests that need no other: MQTT 3.1.1 (aedes refuses 5).
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { Aedes, type AedesOptions, type AedesPublishPacket } from 'aedes';
import { inTime } from '../rig/until.js';

export class EmbeddedBroker {
  readonly #options: AedesOptions;
  readonly #sockets = new Set<Socket>();
  #aedes: Aedes | undefined;
  #server: Server | undefined;
  port = 0;
  /** What was published by clients, in order. */
  readonly published: AedesPublishPacket[] = [];
  #waiting: {
    readonly is: (p: AedesPublishPacket) => boolean;
    readonly resolve: (p: AedesPublishPacket) => void;
  }[] = [];

  constructor(options: AedesOptions = {}) {
    this.#options = options;
  }

  get url(): string {
    return `mqtt://127.0.0.1:${this.port}`;
  }

  /** Starts it again after {@link stop}, on the same port and with nothing in it. */
  async start(): Promise<void> {
    const aedes = await Aedes.createBroker(this.#options);
    aedes.on('publish', (packet, client) => {
      if (client) this.#took(packet);
    });
    this.#aedes = aedes;
    this.#server = createServer((socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
      aedes.handle(socket);
    });
    this.#server.listen(this.port, '127.0.0.1');
    await once(this.#server, 'listening');
    this.port = (this.#server.address() as AddressInfo).port;
  }

  /** Cuts all connections, and takes no more. */
  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (!server) return;
    const closed = once(server, 'close');
    server.close();
    for (const socket of this.#sockets) socket.destroy();
    await new Promise<void>((resolve) => this.#aedes!.close(resolve));
    await closed;
  }

  /** Cuts the connections; clients may come back at once. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  /** The first message, past or to come, that `is` says yes to. */
  heard(is: (packet: AedesPublishPacket) => boolean): Promise<AedesPublishPacket> {
    const past = this.published.find(is);
    if (past) return Promise.resolve(past);
    const next = new Promise<AedesPublishPacket>((resolve) => this.#waiting.push({ is, resolve }));
    return inTime(`a message with ${is}`, next, () => this.published.map(({ topic }) => topic).join(' '));
  }

  #took(packet: AedesPublishPacket): void {
    this.published.push(packet);
    this.#waiting = this.#waiting.filter(({ is, resolve }) => {
      if (!is(packet)) return true;
      resolve(packet);
      return false;
    });
  }
}
