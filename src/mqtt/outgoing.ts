import type { MqttClient } from 'mqtt';
import { NoSubscriber, PacketTooLarge } from './error.js';

/** A message to publish. */
export interface Outgoing {
  readonly topic: string;
  readonly payload: Buffer;
  readonly retain?: boolean;
  /** The message has arrived only where somebody has subscribed to its topic. */
  readonly needsSubscriber?: boolean;
  /** MQTT 5: what the request had in it. */
  readonly correlationData?: Buffer;
}

/** Reason code of a PUBACK: the broker has dropped the message, for nobody has subscribed to it (MQTT 5 §3.4.2.1). */
const noMatchingSubscribers = 16;

/** @throws {@link PacketTooLarge} when the message is more than the broker takes, by its Maximum Packet Size */
export function checkSize(message: Outgoing, maximumPacketSize = Number.POSITIVE_INFINITY): void {
  const { topic, payload } = message;
  const room = maximumPacketSize - headerOf(message);
  if (payload.length > room) throw new PacketTooLarge(topic, payload.length, room);
}

/** Publishes messages with QoS 1 on one connection. MQTT.js takes it for a success when nobody has subscribed. */
export class Publisher {
  readonly #client: MqttClient;
  /** Packet identifiers of messages that nobody has subscribed to, until MQTT.js tells of them. */
  readonly #dropped = new Set<number>();

  constructor(client: MqttClient) {
    this.#client = client;
    client.on('packetreceive', (packet) => {
      if (packet.cmd !== 'puback' || packet.reasonCode !== noMatchingSubscribers) return;
      this.#dropped.add(packet.messageId!);
    });
  }

  /** `done` is called when the broker has answered; never, when the connection ends before that. */
  publish(message: Outgoing, done: (refusal?: Error) => void): void {
    const { topic, payload, retain = false, needsSubscriber = false, correlationData } = message;
    const properties = correlationData && { properties: { correlationData } };
    this.#client.publish(topic, payload, { qos: 1, retain, ...properties }, (cause, packet) => {
      const identifier = (packet as { messageId?: number } | undefined)?.messageId;
      const isDropped = identifier !== undefined && this.#dropped.delete(identifier);
      if (cause) done(cause);
      else if (isDropped && needsSubscriber) done(new NoSubscriber(topic));
      else done();
    });
  }
}

/** Octets of a PUBLISH packet before its payload, at most (MQTT 5 §3.3): lengths take up to four. */
function headerOf({ topic, correlationData }: Outgoing): number {
  const [fixed, topicLength, identifier, propertyLength, propertyHead] = [5, 2, 2, 4, 3];
  const correlation = correlationData ? propertyHead + correlationData.length : 0;
  return fixed + topicLength + Buffer.byteLength(topic) + identifier + propertyLength + correlation;
}
