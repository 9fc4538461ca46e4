// A broker of MQTT 5 that means the limits of its CONNACK: who exceeds one is thrown out (MQTT 5 §3.3.4, §3.1.2.11.4).
import type { Socket } from 'node:net';
import { SocketBroker } from './socket-broker.js';

export interface Limits {
  readonly receiveMaximum: number;
  readonly maximumPacketSize: number;
}

export interface Received {
  readonly topic: string;
  readonly payload: Buffer;
  /** Acknowledges it, with a reason code of a PUBACK (MQTT 5 §3.4.2.1). */
  readonly take: (reasonCode?: number) => void;
}

const type = { connect: 1, publish: 3, disconnect: 14 } as const;

export class StrictBroker extends SocketBroker {
  readonly received: Received[] = [];
  /** Why clients were thrown out. */
  readonly faults: string[] = [];
  /** Messages are acknowledged as they come. */
  takesAll = false;
  readonly #limits: Limits;
  #underWay = 0;
  #listeners: (() => void)[] = [];

  private constructor(limits: Limits) {
    super();
    this.#limits = limits;
  }

  static start(limits: Partial<Limits>): Promise<StrictBroker> {
    const most = { receiveMaximum: 65_535, maximumPacketSize: 0xffff_ffff, ...limits };
    return new StrictBroker(most).listen();
  }

  /** Resolves when something came that makes `is` true. */
  async until(is: () => boolean): Promise<void> {
    while (!is()) await new Promise<void>((resolve) => this.#listeners.push(resolve));
  }

  protected serve(socket: Socket): void {
    this.#underWay = 0;
    let bytes = Buffer.alloc(0);
    socket.on('data', (more: Buffer) => {
      bytes = Buffer.concat([bytes, more]);
      for (let packet = packetAt(bytes); packet; packet = packetAt(bytes)) {
        bytes = bytes.subarray(packet.size);
        this.#take(socket, packet);
      }
      for (const listener of this.#listeners.splice(0)) listener();
    });
  }

  #take(socket: Socket, { kind, body, size }: Packet): void {
    const { receiveMaximum, maximumPacketSize } = this.#limits;
    if (kind === type.connect) socket.write(connack(this.#limits));
    if (kind !== type.publish) return;
    this.#underWay += 1;
    if (this.#underWay > receiveMaximum) this.#throwOut(socket, 'receive maximum exceeded');
    else if (size > maximumPacketSize) this.#throwOut(socket, `packet of ${size} octets`);
    else this.#keep(socket, body);
  }

  #keep(socket: Socket, body: Buffer): void {
    const { topic, identifier, payload } = publishOf(body);
    let isTaken = false;
    const take = (reasonCode = 0) => {
      if (isTaken) return;
      isTaken = true;
      this.#underWay -= 1;
      socket.write(Buffer.concat([Buffer.of(0x40, 3), identifier, Buffer.of(reasonCode)]));
    };
    this.received.push({ topic, payload, take });
    if (this.takesAll) take();
  }

  #throwOut(socket: Socket, fault: string): void {
    this.faults.push(fault);
    socket.end(Buffer.of(type.disconnect << 4, 2, 0x93, 0));
  }
}

interface Packet {
  readonly kind: number;
  readonly body: Buffer;
  readonly size: number;
}

function packetAt(bytes: Buffer): Packet | undefined {
  let [length, at] = [0, 1];
  for (let shift = 0; ; shift += 7) {
    const octet = bytes[at++];
    if (octet === undefined) return undefined;
    length |= (octet & 127) << shift;
    if (octet < 128) break;
  }
  if (bytes.length < at + length) return undefined;
  return { kind: bytes[0]! >> 4, body: bytes.subarray(at, at + length), size: at + length };
}

function connack({ receiveMaximum, maximumPacketSize }: Limits): Buffer {
  const properties = Buffer.alloc(8);
  properties.writeUInt8(33, 0);
  properties.writeUInt16BE(receiveMaximum, 1);
  properties.writeUInt8(39, 3);
  properties.writeUInt32BE(maximumPacketSize, 4);
  return Buffer.concat([Buffer.of(0x20, 11, 0, 0, properties.length), properties]);
}

/** No message of ours has more than 127 octets of properties. */
function publishOf(body: Buffer) {
  const end = 2 + body.readUInt16BE(0);
  const properties = body[end + 2]!;
  return {
    topic: body.toString('utf8', 2, end),
    identifier: Buffer.from(body.subarray(end, end + 2)),
    payload: Buffer.from(body.subarray(end + 3 + properties)),
  };
}
