import { present } from '../domain/present.js';
import { type Millis, millis } from '../domain/units.js';
import type { SectionReader } from './reader.js';

/** The broker and what it is told. */
export interface MqttConfig {
  /** `mqtt`, `mqtts`, `ws` or `wss`. */
  readonly url: string;
  readonly username?: string;
  readonly password?: string;
  /** Certificates of those who may vouch for the broker; Node's own when absent. */
  readonly caFile?: string;
  /** Ours, and its key. */
  readonly certFile?: string;
  readonly keyFile?: string;
  /** The name that the broker's certificate must have; the host of the address when absent. */
  readonly serverName?: string;
  /** The router's name with `turnpike-` before it when absent. */
  readonly clientId?: string;
  /** The first levels of every topic. */
  readonly prefix: string;
  readonly format: 'msgpack' | 'json';
  /** Usage is reported this often. */
  readonly interval: Millis;
  readonly keepalive: Millis;
  /** How long the broker keeps what it has for us while we are away. */
  readonly sessionExpiry: Millis;
  /** Orders that are taken; empty when none are. */
  readonly orders: readonly OrderName[];
}

const orderNames = ['close', 'grant', 'reload', 'status'] as const;
type OrderName = (typeof orderNames)[number];

const address = /^(?:mqtts?|wss?):\/\/[^\s@/?#]+(?:\/[^\s?#]*)?$/;
const path = /^\/[^\0\n]{0,200}$/;
const text = /^[^\p{Cc}\p{Cs}]{1,128}$/u;
const topic = /^[^\s#+/\0$][^\s#+\0]{0,99}(?<!\/)$/;
const clientId = /^[A-Za-z0-9._-]{1,64}$/;
const hostName = /^[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$/;

/** The section `mqtt`; undefined when it is switched off or cannot be made out. */
export function readMqtt(s: SectionReader, secrets: SectionReader | undefined): MqttConfig | undefined {
  const enabled = s.flag('enabled', false);
  const url = s.matching('url', address, 'an address such as mqtts://host:8883');
  const config = {
    prefix: s.matching('prefix', topic, 'a topic without spaces, # or +') ?? 'turnpike',
    format: s.choice('format', ['msgpack', 'json'], 'msgpack') ?? 'msgpack',
    interval: millis(s.span('interval', 1_000, 3_600_000) ?? 60_000),
    keepalive: millis(s.span('keepalive', 5_000, 3_600_000) ?? 60_000),
    sessionExpiry: millis(s.span('session_expiry', 0, 365 * 86_400_000) ?? 86_400_000),
    orders: readOrders(s),
    ...present({
      username: s.matching('username', text, 'one line of 1 to 128 characters'),
      password: secrets?.matching('password', text, 'one line of 1 to 128 characters'),
      caFile: s.matching('ca_file', path, 'an absolute path'),
      certFile: s.matching('cert_file', path, 'an absolute path'),
      keyFile: s.matching('key_file', path, 'an absolute path'),
      serverName: s.matching('server_name', hostName, 'the name of a host'),
      clientId: s.matching('client_id', clientId, '1 to 64 letters, digits, dots, _ and -'),
    }),
  };
  if (!enabled) return undefined;
  if (url === undefined) s.demand('url');
  checkTls(s, url, config);
  return url === undefined ? undefined : { ...config, url };
}

/** `commands` alone allows all of them; `list allow` says which. */
function readOrders(s: SectionReader): OrderName[] {
  const enabled = s.flag('commands', false);
  const named = s.list('allow').filter((name) => name !== '');
  for (const name of named) {
    if ((orderNames as readonly string[]).includes(name)) continue;
    s.fault('bad_value', `'${name.slice(0, 40)}' is none of ${orderNames.join(', ')}`, 'allow');
  }
  if (!enabled) return [];
  return orderNames.filter((name) => named.length === 0 || named.includes(name));
}

function checkTls(s: SectionReader, url: string | undefined, config: Partial<MqttConfig>): void {
  const { certFile, keyFile, caFile } = config;
  if ((certFile === undefined) !== (keyFile === undefined)) {
    s.fault(
      'conflict',
      'cert_file and key_file belong together',
      certFile === undefined ? 'key_file' : 'cert_file',
    );
  }
  if (url !== undefined && !/^(?:mqtts|wss):/.test(url) && (certFile ?? caFile) !== undefined) {
    s.fault('conflict', 'certificates are for mqtts:// and wss://', 'url');
  }
  if (url === undefined) return;
  try {
    new URL(url);
  } catch {
    s.fault('bad_value', 'must be an address such as mqtts://host:8883', 'url');
  }
}
