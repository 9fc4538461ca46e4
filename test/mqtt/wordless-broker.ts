// A broker of MQTT 3.1.1 alone that says nothing to who speaks 5, as RabbitMQ 3.10: it closes, or resets the connection.
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';

const kinds = { connect: 1, subscribe: 8 } as const;
/** CONNACK of 3.1.1. */
const welcome = Buffer.from([0x20, 2, 0, 0]);

export class WordlessBroker {
  /** Protocol levels of the CONNECTs that came. */
  readonly heard: number[] = [];
  readonly #known: readonly number[];
  readonly #end: (socket: Socket) => void;
  readonly #sockets = new Set<Socket>();
  readonly #server: Server;

  private constructor(known: readonly number[], ends: 'closes' | 'resets') {
    this.#known = known;
    this.#end = (socket) => (ends === 'closes' ? socket.end() : socket.resetAndDestroy());
    this.#server = createServer((socket) => this.#serve(socket));
  }

  /** @param known protocol levels that it speaks */
  static async start(
    known: readonly number[],
    ends: 'closes' | 'resets' = 'closes',
  ): Promise<WordlessBroker> {
    const broker = new WordlessBroker(known, ends);
    broker.#server.listen(0, '127.0.0.1');
    await once(broker.#server, 'listening');
    return broker;
  }

  get url(): string {
    return `mqtt://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('error', () => {});
    // Its clients wait for each answer, so what comes at once is one packet.
    socket.on('data', (packet: Buffer) => {
      const kind = packet[0]! >> 4;
      if (kind === kinds.connect) this.#connect(socket, packet[packet.indexOf('MQTT') + 4]!);
      // Both filters of a collector with QoS 1.
      else if (kind === kinds.subscribe) socket.write(Buffer.from([0x90, 4, packet[2]!, packet[3]!, 1, 1]));
    });
  }

  #connect(socket: Socket, level: number): void {
    this.heard.push(level);
    if (this.#known.includes(level)) socket.write(welcome);
    else this.#end(socket);
  }
}
