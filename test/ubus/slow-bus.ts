// Stands between a client and the bus: what the bus says can be held up, and a connection can end on one side only.
import { createConnection, createServer, type Socket } from 'node:net';
import { decodeFrame, type Frame, FrameSplitter } from 'openwrt-ubus/wire';

interface Pair {
  readonly client: Socket;
  readonly bus: Socket;
}

export class SlowBus {
  readonly socket: string;
  /** Sees each message to the bus. */
  onSaid: ((frame: Frame) => void) | undefined;
  readonly #bus: string;
  readonly #server = createServer((client) => this.#join(client));
  readonly #pairs = new Set<Pair>();
  #held = false;
  #holdAt: number | undefined;

  /** Listens on `socket` and passes everything on to the bus at `bus`. */
  constructor(socket: string, bus: string) {
    this.socket = socket;
    this.#bus = bus;
  }

  start(): Promise<void> {
    return new Promise((resolve) => this.#server.listen(this.socket, resolve));
  }

  /** The bus is slow to answer the next message of this type: what it says waits; what is said to it still arrives. */
  holdAt(type: number): void {
    this.#holdAt = type;
  }

  release(): void {
    this.#held = false;
    for (const { bus } of this.#pairs) bus.resume();
  }

  /** Hangs up on the clients. @returns what ends the same connections at the bus, which did not notice until then. */
  hangUp(): () => void {
    const pairs = [...this.#pairs];
    this.#pairs.clear();
    for (const { client } of pairs) client.destroy();
    return () => {
      for (const { bus } of pairs) bus.destroy();
    };
  }

  stop(): Promise<void> {
    this.hangUp()();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }

  #saying(frame: Frame): void {
    this.onSaid?.(frame);
    if (frame.type !== this.#holdAt) return;
    this.#holdAt = undefined;
    this.#held = true;
    for (const { bus } of this.#pairs) bus.pause();
  }

  #join(client: Socket): void {
    const bus = createConnection(this.#bus);
    const pair = { client, bus };
    this.#pairs.add(pair);
    const splitter = new FrameSplitter();
    client.on('data', (chunk) => {
      splitter.feed(chunk, (message) => this.#saying(decodeFrame(message)));
      bus.write(chunk);
    });
    bus.on('data', (chunk) => client.write(chunk));
    if (this.#held) bus.pause();
    for (const socket of [client, bus]) socket.on('error', () => {});
    client.once('close', () => this.#pairs.delete(pair) && bus.destroy());
    bus.once('close', () => client.destroy());
  }
}
