import { readFileSync } from 'node:fs';
import type { IClientOptions } from 'mqtt';
import type { BrokerConfig } from './config.js';

/** Options of a connection. @throws what the operating system throws when a file cannot be read */
export function settingsOf(config: BrokerConfig): IClientOptions {
  const { clientId, username, password, ca, cert, key } = config;
  const file = (name: string, path: string | undefined) => path && { [name]: readFileSync(path) };
  return {
    ...{ clientId, clean: true, reconnectPeriod: 0, reconnectOnConnackError: true, resubscribe: false },
    ...(username && { username }),
    ...(password && { password }),
    ...file('ca', ca),
    ...file('cert', cert),
    ...file('key', key),
  };
}

/** Where a broker is, without a path: for people. */
export function hostOf(url: string): string {
  const { protocol, host } = new URL(url);
  return `${protocol}//${host}`;
}
