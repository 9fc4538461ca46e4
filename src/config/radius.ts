import { isIPv6 } from 'node:net';
import { present } from '../domain/present.js';
import { type Millis, millis } from '../domain/units.js';
import type { SectionReader } from './reader.js';

/** Where a server listens. */
export interface Endpoint {
  /** A name, an IPv4 or an IPv6 address. */
  readonly host: string;
  readonly port: number;
}

/** The RADIUS servers and how turnpike is their NAS. */
export interface RadiusConfig {
  /** Asked in this order. */
  readonly authServers: readonly Endpoint[];
  readonly acctServers: readonly Endpoint[];
  /** Shared with all of the servers. */
  readonly secret: string;
  /** The router's name when absent. */
  readonly nasIdentifier?: string;
  /** An IPv4 address; the one that reaches the server when absent. */
  readonly nasAddress?: string;
  /** Usage is reported this often, unless the server says how often. */
  readonly interim: Millis;
  /** The wait before a request is sent again for the first time (IRT). */
  readonly timeout: Millis;
  readonly messageAuthenticator: 'require' | 'auto' | 'off';
  /** What silence on a Status-Server says of a server: all, nothing until it has answered one, or none is sent. */
  readonly statusServer: 'require' | 'auto' | 'off';
  /** How passwords are sent. */
  readonly protocol: 'pap' | 'chap';
  /** Devices of one user at the same time, unless the server says. */
  readonly devices: number;
  /** Devices may log in with their MAC address alone; the password is it as well, when there is none. */
  readonly macAuth: boolean;
  readonly macPassword?: string;
  /** Where orders of the servers are taken; absent when they are not. */
  readonly orders?: OrdersConfig;
}

/** Where Disconnect and CoA requests are taken, and from whom. */
export interface OrdersConfig {
  readonly port: number;
  /** The address to listen on; all when absent. */
  readonly address?: string;
  /** Names or addresses that may send them. */
  readonly clients: readonly string[];
}

const host = /^(?=.{1,253}$)[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?$/;
const ipv4 = /^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?!$)|$)){4}$/;
const address = /^[0-9A-Fa-f:.]{2,45}$/;
/** With a portal's name behind it, it is an attribute of at most 253 octets (RFC 2865 §5). */
const nasIdentifier = /^[\x21-\x7e]{1,200}$/;
const secretForm = /^[\x21-\x7e]{1,128}$/;

/** The section `radius`; undefined when it is switched off or cannot be made out. */
export function readRadius(s: SectionReader, secrets: SectionReader | undefined): RadiusConfig | undefined {
  const enabled = s.flag('enabled', false);
  const authPort = s.whole('auth_port', 1, 65_535) ?? 1812;
  const acctPort = s.whole('acct_port', 1, 65_535) ?? 1813;
  const authServers = readServers(s, ['server', 'server2'], authPort);
  const own = readServers(s, ['acct_server'], acctPort);
  const acctServers = own.length > 0 ? own : authServers.map(({ host }) => ({ host, port: acctPort }));
  const secret = secrets?.matching('secret', secretForm, '1 to 128 printable characters without spaces');
  const config = {
    authServers,
    acctServers,
    interim: millis(s.span('interim', 60_000, 86_400_000) ?? 120_000),
    timeout: millis(s.span('timeout', 100, 30_000) ?? 2_000),
    messageAuthenticator:
      s.choice('message_authenticator', ['require', 'auto', 'off'], 'require') ?? 'require',
    statusServer: s.choice('status_server', ['require', 'auto', 'off'], 'auto') ?? 'auto',
    protocol: s.choice('auth', ['pap', 'chap'], 'pap') ?? 'pap',
    devices: s.whole('devices', 1, 100) ?? 1,
    macAuth: s.flag('mac_auth', false),
    ...present({
      macPassword: secrets?.matching('mac_password', secretForm, '1 to 128 printable characters'),
      nasIdentifier: s.matching('nas_identifier', nasIdentifier, '1 to 200 ASCII characters without spaces'),
      nasAddress: s.matching('nas_address', ipv4, 'an IPv4 address'),
      orders: readOrders(s, [...authServers, ...acctServers]),
    }),
  };
  if (!enabled) return undefined;
  if (authServers.length === 0) s.demand('server');
  if (secret === undefined) s.fault('missing', 'its secret is missing in the file of the secrets');
  return secret === undefined ? undefined : { ...config, secret };
}

/** `host`, `host:port`, an IPv6 address, or one in brackets with a port. */
const endpoint =
  /^(?:\[([0-9A-Fa-f:.]+)\]|([^:[\]]+)|([0-9A-Fa-f.]*:[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*))(?::(\d{1,5}))?$/;

function readServers(s: SectionReader, options: readonly string[], port: number): Endpoint[] {
  return options.flatMap((option) =>
    s
      .list(option)
      .filter((text) => text !== '')
      .flatMap((text) => {
        const found = parseEndpoint(text, port);
        if (!found)
          s.fault('bad_value', `'${text.slice(0, 40)}' is no server such as radius.example.net`, option);
        return found ?? [];
      }),
  );
}

function parseEndpoint(text: string, otherwise: number): Endpoint | undefined {
  const [, bracketed, name, bare, digits] = endpoint.exec(text) ?? [];
  const found = bracketed ?? name ?? bare;
  const port = digits === undefined ? otherwise : Number(digits);
  if (found === undefined || port > 65_535 || (name === undefined ? !isIPv6(found) : !host.test(found))) {
    return undefined;
  }
  return { host: found, port };
}

function readOrders(s: SectionReader, servers: readonly Endpoint[]): OrdersConfig | undefined {
  const enabled = s.flag('coa', false);
  const port = s.whole('coa_port', 1, 65_535) ?? 3799;
  const listen = s.matching('coa_address', address, 'an IP address');
  const clients = readServers(s, ['coa_client'], 0).map(({ host: name }) => name);
  if (!enabled) return undefined;
  const from = clients.length > 0 ? clients : [...new Set(servers.map(({ host: name }) => name))];
  return { port, clients: from, ...present({ address: listen }) };
}
