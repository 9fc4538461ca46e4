// What brokers of the tests have in common: a port of their own, and an end of all connections.
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';

export abstract class SocketBroker {
  readonly #sockets = new Set<Socket>();
  readonly #server = createServer((socket) => {
    this.#sockets.add(socket);
    socket.on('error', () => {});
    this.serve(socket);
  });

  get url(): string {
    return `mqtt://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  /** A client has connected. */
  protected abstract serve(socket: Socket): void;

  protected async listen(): Promise<this> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return this;
  }
}
