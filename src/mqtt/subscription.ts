import type { IClientSubscribeOptions, MqttClient } from 'mqtt';

/** How long until the broker is asked again for a subscription that it has refused, in ms. */
const againMs = 60_000;

/** What becomes of a subscription. */
export interface SubscriptionEvents {
  /** Runs a task after so many ms; returns what takes that back. */
  after(ms: number, task: () => void): () => void;
  granted(): void;
  refused(cause: Error): void;
}

/**
 * Subscribes with QoS 1 on a connection that is up, and again while the broker refuses and the connection lasts: who
 * may read what is often set at a broker after its clients have connected.
 */
export function subscribe(
  client: MqttClient,
  filters: readonly string[],
  events: SubscriptionEvents,
  options: Omit<IClientSubscribeOptions, 'qos'> = {},
): void {
  let cancel = () => {};
  const ask = () => {
    client.subscribe([...filters], { qos: 1, ...options }, (cause) => {
      // Where the connection has ended, the next one subscribes.
      if (!client.connected) return;
      if (!cause) return events.granted();
      events.refused(cause);
      cancel = events.after(againMs, ask);
    });
  };
  client.once('close', () => cancel());
  ask();
}
