import type { Upstream } from '../ports/upstream.js';
import type { Connection } from './connection.js';
import { type MqttConfig, mqtt as section } from './section.js';

/** The broker. Reports and orders share one connection: one client id, one session at the broker. */
export const mqtt: Upstream<MqttConfig, Connection> = {
  section,
  files: ({ caFile, certFile, keyFile }) => [caFile, certFile, keyFile],
  async open(config, parts) {
    const { Connection } = await import('./connection.js');
    return new Connection(config, parts);
  },
  start: (connection) => connection.start(),
  close: (connection) => connection.close(),
};
