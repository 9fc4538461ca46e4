import { endpoint, type NamedEndpoint } from '../config/endpoint.js';
import { choice, flag, port, span, text, whole } from '../config/kind.js';
import { type Found, list, option, type Values } from '../config/option.js';
import { type ConfigOf, type Faults, section } from '../config/section.js';
import { present } from '../domain/present.js';
import { checkTls, hostName, radsecPort, radsecSecret, tlsOf, tlsOptions } from './tls/section.js';

/** Where a server listens. */
export type Endpoint = Required<NamedEndpoint>;

/** How a device's MAC address is written where it is a user's name; the values are examples, for people. */
const macForms = {
  'upper-dash': '`02-00-00-00-00-0A`',
  'lower-dash': '`02-00-00-00-00-0a`',
  'upper-colon': '`02:00:00:00:00:0A`',
  'lower-colon': '`02:00:00:00:00:0a`',
  upper: '`02000000000A`',
  lower: '`02000000000a`',
} as const;

export type MacForm = keyof typeof macForms;

/** Where Disconnect and CoA requests are taken, and from whom. */
export interface OrdersConfig {
  readonly port: number;
  /** The address to listen on; all when absent. */
  readonly address?: string;
  /** `auto`: one with a Message-Authenticator may lack its Event-Timestamp. When absent each has to have one. */
  readonly timestamp?: 'auto';
  /** Names or addresses that may send them. */
  readonly clients: readonly string[];
}

const ipv4 = text(/^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?!$)|$)){4}$/, 'an IPv4 address');
const ip = text(/^[0-9A-Fa-f:.]{2,45}$/, 'an IP address');
/**
 * The longest identifier: with a portal's name behind it, it becomes an attribute of at most 253 octets (RFC 2865 §5).
 */
const identifier = text(/^[\x21-\x7e]{1,200}$/, '1 to 200 ASCII characters without spaces');
const station = text(/^[\x20-\x7e]{1,253}$/, '1 to 253 ASCII characters');
const word = text(/^[\x21-\x7e]{1,128}$/, '1 to 128 printable characters without spaces');

const options = {
  server: list(endpoint, {
    neededIf: 'there is no `server2`',
    examples: ['radius.example.net'],
    help: 'Servers that say who may in, asked in this order.',
  }),
  server2: list(endpoint, {
    absent: 'nobody else is asked',
    examples: ['[2001:db8::1]:1812'],
    help: 'Servers that are asked when no `server` answers.',
  }),
  acct_server: list(endpoint, {
    absent: 'the servers above, at `acct_port`',
    examples: ['accounting.example.net'],
    help: 'Servers that hear of usage (accounting).',
  }),
  auth_port: option(port, { default: '1812', help: 'The port of a `server` that is given without one.' }),
  acct_port: option(port, { default: '1813', help: 'The port for accounting where none is given.' }),
  auth: option(choice({ pap: 'PAP', chap: 'CHAP' }), { default: 'pap', help: 'How passwords are sent.' }),
  message_authenticator: option(
    choice({
      require: 'replies to a login must carry a good one',
      auto: 'one that is there must be good',
      off: 'it is not looked at',
    }),
    {
      default: 'require',
      help: 'Whether replies must carry a Message-Authenticator. Anybody on the way can forge one that does not (CVE-2024-3596).',
    },
  ),
  status_server: option(
    choice({
      auto: 'of servers that have answered one',
      require: 'of all of them',
      off: 'none is asked for it',
    }),
    {
      default: 'auto',
      help: 'Of which servers silence on a Status-Server (RFC 5997) says that they are down. The others are found again by a request now and then.',
    },
  ),
  ...tlsOptions,
  nas_identifier: option(identifier, {
    absent: 'the name of the router',
    example: 'cafe-north',
    help: 'How turnpike names itself to the servers (NAS-Identifier).',
  }),
  nas_address: option(ipv4, {
    absent: 'the address from which the server is reached',
    example: '192.0.2.7',
    help: "The router's own address as the servers are told it (NAS-IP-Address).",
  }),
  called_station: option(station, {
    absent: '`nas_identifier` and the name of the gateway, as `cafe-north:lan`',
    example: '02-00-00-00-00-01:Cafe',
    help: 'What all devices are said to have called (Called-Station-Id), for servers that want the access point and its SSID.',
    notInLuci: 'few servers look at it',
  }),
  operator_name: option(hostName, {
    absent: 'no operator is named',
    example: 'cafe.example.net',
    help: 'The realm of who runs this hotspot, for servers of a federation such as OpenRoaming (Operator-Name, RFC 5580).',
    notInLuci: 'a federation gives its members all settings at once',
  }),
  cui: option(flag, {
    default: '0',
    help: '1: servers are asked for a name of the customer that bills go by (Chargeable-User-Identity, RFC 4372).',
    notInLuci: 'a federation gives its members all settings at once',
  }),
  interim: option(span('60s', '24h'), {
    default: '2min',
    help: 'The usage of a running session is reported this often, unless the server says how often.',
  }),
  timeout: option(span('100ms', '30s'), {
    default: '2s',
    help: 'The first wait for an answer; later ones are longer (RFC 5080).',
  }),
  devices: option(whole(1, 100), {
    default: '1',
    help: 'How many devices of one user may be online at once, unless the server says how many (Port-Limit).',
  }),
  strict: option(flag, {
    default: '0',
    help: '1: a limit of the server that cannot be read refuses the login. 0: the customer gets in without that limit, and the log says so.',
    notInLuci: 'the log names a limit that cannot be read, and the server is where it is put right',
  }),
  mac_auth: option(flag, {
    default: '0',
    help: '1: devices may log in by themselves. Their user name is their MAC address, written as `mac_form` says.',
  }),
  mac_form: option(choice(macForms), {
    default: 'upper-dash',
    help: 'How the MAC address is written that is the user name of a device, and its password where there is no `mac_password`.',
    notInLuci: 'a server that wants another form is set up by its owner, who has its documents at hand',
  }),
  coa: option(flag, {
    default: '0',
    help: '1: the servers may end sessions and change them (Disconnect and CoA, RFC 5176). The firewall must let them in.',
  }),
  coa_port: option(port, { default: '3799', help: 'The UDP port where orders of the servers arrive.' }),
  coa_address: option(ip, {
    absent: 'all addresses of the router',
    example: '192.0.2.7',
    help: 'The address where orders of the servers arrive.',
  }),
  coa_client: list(endpoint, {
    absent: 'the servers above',
    examples: ['192.0.2.1'],
    help: 'The servers that may give orders.',
  }),
  coa_timestamp: option(
    choice({
      require: 'each must have one',
      auto: 'one that carries a Message-Authenticator may lack it',
    }),
    {
      default: 'require',
      help: 'Whether orders need an Event-Timestamp. One without can be sent again by who has seen it, from 10 minutes later on.',
      notInLuci: 'it is better set right at the server, which docs/radius.md tells',
    },
  ),
};

const secrets = {
  secret: option(word, {
    neededIf: '`transport` is `udp`; over TLS it is `radsec` without',
    example: 'a-long-random-word',
    help: 'The secret that turnpike shares with all of the servers.',
  }),
  mac_password: option(word, {
    absent: 'their MAC address',
    example: 'another-long-random-word',
    help: 'The password of devices that log in by themselves.',
  }),
};

/** `config radius 'radius'`: the RADIUS servers, and how turnpike is their NAS. */
export const radius = section({
  type: 'radius',
  name: 'radius',
  about: 'RADIUS servers that say who may in and how much they get, hear of usage, and may end sessions.',
  enabled: option(flag, { default: '0', help: '1: turnpike uses these servers.' }),
  ...{ options, secrets, check },
  make: radiusOf,
});

export type RadiusConfig = ConfigOf<typeof radius>;

function check(found: Found<typeof options & typeof secrets>, faults: Faults): void {
  const { server, server2, transport } = found;
  if (server.length + server2.length === 0) faults.demand('server');
  if (transport === 'tls') checkTls(faults);
  else faults.demand('secret');
}

function radiusOf(values: Values<typeof options & typeof secrets>) {
  const { server, server2, acctServer, authPort, acctPort, secret = radsecSecret } = values;
  const tls = tlsOf(values);
  const authServers = [...server, ...server2].map((at) => ({ port: tls ? radsecPort : authPort, ...at }));
  const own = acctServer.map((at) => ({ port: tls ? radsecPort : acctPort, ...at }));
  // A connection takes packets of every kind.
  const same = tls ? authServers : authServers.map(({ host }) => ({ host, port: acctPort }));
  const acctServers = own.length > 0 ? own : same;
  const { interim, timeout, messageAuthenticator, statusServer, auth: protocol, devices, macAuth } = values;
  const { macPassword, nasIdentifier, nasAddress, calledStation, operatorName } = values;
  return {
    ...{
      authServers,
      acctServers,
      secret,
      interim,
      timeout,
      messageAuthenticator,
      statusServer,
      protocol,
      devices,
      macAuth,
    },
    ...present({ tls }),
    cui: values.cui,
    strict: values.strict,
    macForm: values.macForm,
    ...present({ macPassword, nasIdentifier, nasAddress, calledStation, operatorName }),
    ...present({ orders: values.coa ? ordersOf(values, [...authServers, ...acctServers]) : undefined }),
  };
}

/** Where no clients are configured, the servers themselves may send orders. */
function ordersOf(values: Values<typeof options>, servers: readonly Endpoint[]): OrdersConfig {
  const { coaPort, coaAddress, coaClient, coaTimestamp } = values;
  const from = coaClient.length > 0 ? coaClient : servers;
  const clients = [...new Set(from.map(({ host }) => host))];
  const timestamp = coaTimestamp === 'auto' ? coaTimestamp : undefined;
  return { port: coaPort, clients, ...present({ address: coaAddress, timestamp }) };
}
