import type { Upstream } from '../ports/upstream.js';
import type { Connection } from './connection.js';
import { type MqttConfig, mqtt as section } from './section.js';

/** The broker. Its connection is shared by those who report and those who take orders: one client id, one session. */
export const mqtt: Upstream<MqttConfig, Connection> = {
  section,
  async open(config, parts) {
    const { Connection } = await import('./connection.js');
    return new Connection(config, parts);
  },
  start: (connection) => connection.start(),
  close: (connection) => connection.close(),
};
