import type { Connection } from '../../mqtt/connection.js';
import type { MqttConfig } from '../../mqtt/section.js';
import { mqtt } from '../../mqtt/upstream.js';
import type { SinkMember } from '../../ports/sink.js';

/** Usage and sessions as messages to a broker. */
export const mqttReports: SinkMember<MqttConfig, Connection> = {
  upstream: mqtt,
  build: async (config, parts) => (await import('./build.js')).buildReports(config, parts),
};
