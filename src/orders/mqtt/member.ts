import type { Connection } from '../../mqtt/connection.js';
import type { MqttConfig } from '../../mqtt/section.js';
import { mqtt } from '../../mqtt/upstream.js';
import type { OrderMember } from '../../ports/order-source.js';

/** Orders that come in on the router's topic `command`. */
export const mqttCommands: OrderMember<MqttConfig, Connection> = {
  upstream: mqtt,
  build: async (config, parts) => (await import('./build.js')).buildOrders(config, parts),
};
