// A broker of MQTT 3.1.1 alone that says nothing to who speaks 5, as RabbitMQ 3.10: it closes, or resets the connection.
import type { Socket } from 'node:net';
import { SocketBroker } from './socket-broker.js';

const kinds = { connect: 1, subscribe: 8 } as const;
/** CONNACK of 3.1.1. */
const welcome = Buffer.from([0x20, 2, 0, 0]);

export class WordlessBroker extends SocketBroker {
  /** Protocol levels of the CONNECTs that came. */
  readonly heard: number[] = [];
  readonly #known: readonly number[];
  readonly #end: (socket: Socket) => void;

  private constructor(known: readonly number[], ends: 'closes' | 'resets') {
    super();
    this.#known = known;
    this.#end = (socket) => (ends === 'closes' ? socket.end() : socket.resetAndDestroy());
  }

  /** @param known protocol levels that it speaks */
  static start(known: readonly number[], ends: 'closes' | 'resets' = 'closes'): Promise<WordlessBroker> {
    return new WordlessBroker(known, ends).listen();
  }

  protected serve(socket: Socket): void {
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
