// Somebody upstream: hears what is published, and publishes.
import { connectAsync, type IClientOptions, type IPublishPacket, type MqttClient } from 'mqtt';
import { decodeMessage, type Messages, type Topic } from '../../src/mqtt/message.js';
import { inTime } from '../rig/until.js';

export class Listener {
  readonly client: MqttClient;
  readonly heard: IPublishPacket[] = [];
  /** False: nothing is kept, for long runs. */
  keep = true;
  readonly #waiting = new Set<(packet: IPublishPacket) => void>();

  private constructor(client: MqttClient) {
    this.client = client;
    client.on('message', (_topic, _payload, packet) => {
      if (this.keep) this.heard.push(packet);
      for (const wait of this.#waiting) wait(packet);
    });
  }

  /** Resolves when it is subscribed, in MQTT 5. */
  static async start(url: string, filter: string, options: IClientOptions = {}): Promise<Listener> {
    const client = await connectAsync(url, { protocolVersion: 5, reconnectPeriod: 200, ...options });
    const listener = new Listener(client);
    await client.subscribeAsync(filter, { qos: 1 });
    return listener;
  }

  /** The first packet, past or to come, that `is` says yes to. */
  hear(what: string, is: (packet: IPublishPacket) => boolean): Promise<IPublishPacket> {
    const past = this.heard.find(is);
    if (past) return Promise.resolve(past);
    const next = new Promise<IPublishPacket>((resolve) => {
      const wait = (packet: IPublishPacket) => {
        if (!is(packet)) return;
        this.#waiting.delete(wait);
        resolve(packet);
      };
      this.#waiting.add(wait);
    });
    return inTime(what, next, () => this.heard.map(({ topic }) => topic).join(' '));
  }

  /** The first message on a topic that `is` says yes to. */
  async read<T extends Topic>(
    topic: T,
    is: (message: Messages[T]) => boolean = () => true,
  ): Promise<Messages[T]> {
    const packet = await this.hear(topic, (p) => p.topic.endsWith(`/${topic}`) && is(messageIn(topic, p)));
    return messageIn(topic, packet);
  }

  /** What has been heard on a topic. */
  all<T extends Topic>(topic: T): Messages[T][] {
    return this.heard.filter((p) => p.topic.endsWith(`/${topic}`)).map((p) => messageIn(topic, p));
  }

  close(): Promise<void> {
    return this.client.endAsync(true);
  }
}

function messageIn<T extends Topic>(topic: T, { payload }: IPublishPacket): Messages[T] {
  return decodeMessage(topic, Buffer.from(payload));
}
