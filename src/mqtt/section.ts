import { choice, flag, type Kind, kindOf, path, span, text } from '../config/kind.js';
import { type Found, list, option } from '../config/option.js';
import { type ConfigOf, type Faults, section } from '../config/section.js';

/** Orders that a broker may give, by the names of their ubus methods. */
export const orderNames = [
  'close',
  'grant',
  'reload',
  'status',
  'logout_user',
  'purchase',
  'voucher_create',
  'payment_confirm',
] as const;
export type OrderName = (typeof orderNames)[number];

/** Orders that are taken where none is named: those of 0.1.0. Nobody gets more rights by an upgrade. */
const usual: readonly OrderName[] = ['close', 'grant', 'reload', 'status'];

const orders = choice<OrderName>({
  close: 'end a session',
  grant: 'give access away',
  reload: 'read the configuration again',
  status: 'tell the state',
  logout_user: 'end the sessions of a user',
  purchase: 'redeem a voucher',
  voucher_create: 'make vouchers, and send their codes',
  payment_confirm: 'say that an order of a hook is paid',
});

const address = /^(?:mqtts?|wss?):\/\/[^\s@/?#]+(?:\/[^\s?#]*)?$/;
const broker: Kind<string> = {
  ...kindOf('an address such as mqtts://host:8883', (given) =>
    address.test(given) && isUrl(given) ? given : undefined,
  ),
  isPrivate: true,
};
const line = text(/^[^\p{Cc}\p{Cs}]{1,128}$/u, 'one line of 1 to 128 characters');
const topic = text(/^[^\s#+/\0$][^\s#+\0]{0,99}(?<!\/)$/, 'a topic without spaces, # or +');
const clientId = text(/^[A-Za-z0-9._-]{1,64}$/, '1 to 64 letters, digits, dots, _ and -');
const hostName = text(/^[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$/, 'the name of a host');

const options = {
  url: option(broker, {
    needed: true,
    example: 'mqtts://broker.example.net:8883',
    help: 'The broker: mqtt://, mqtts://, ws:// or wss://, and its host.',
  }),
  username: option(line, {
    absent: 'no name is sent',
    example: 'cafe-north',
    help: 'The name under which turnpike logs in at the broker.',
  }),
  ca_file: option(path, {
    absent: 'the list that Node.js brings',
    example: '/etc/ssl/certs/ca-certificates.crt',
    help: 'The certificates of those who may vouch for the broker, whose own certificate is always checked.',
  }),
  cert_file: option(path, {
    absent: 'the broker is shown no certificate',
    example: '/etc/turnpike/mqtt.crt',
    help: 'The certificate of this router. It needs `key_file`.',
  }),
  key_file: option(path, {
    absent: 'the broker is shown no certificate',
    example: '/etc/turnpike/mqtt.key',
    help: 'The key of the certificate of this router.',
  }),
  server_name: option(hostName, {
    absent: 'the host of `url`',
    example: 'broker.example.net',
    help: "The name that the broker's certificate must have.",
  }),
  client_id: option(clientId, {
    absent: 'turnpike-, and the name of the router behind it',
    example: 'turnpike-cafe-north',
    help: 'The name of the connection (client id). No other client of the broker may have it.',
  }),
  protocol: option(
    choice({ auto: '5, and 3.1.1 where the broker does not take 5', '5': 'MQTT 5', '3.1.1': 'MQTT 3.1.1' }),
    {
      default: 'auto',
      help: 'The version of MQTT that is spoken.',
      notInLuci: '`auto` finds it out',
    },
  ),
  prefix: option(topic, { default: 'turnpike', help: 'The first levels of every topic.' }),
  format: option(choice({ msgpack: 'MessagePack, a quarter as large', json: 'JSON' }), {
    default: 'msgpack',
    help: 'How messages are written.',
  }),
  interval: option(span('1s', '1h'), {
    default: '60s',
    help: 'Usage is reported this often, but not more often than `flush_interval` says, and at once at the end of a session.',
  }),
  keepalive: option(span('5s', '1h'), {
    default: '60s',
    help: 'The broker gets a sign of life this often.',
  }),
  session_expiry: option(span('0s', '365d'), {
    default: '1d',
    help: 'The broker keeps orders for this router for this long while the router is away.',
  }),
  commands: option(flag, {
    default: '0',
    help: '1: turnpike takes orders from the broker.',
  }),
  allow: list(orders, {
    absent: 'close, grant, reload and status',
    examples: ['close', 'status'],
    help: 'The orders that are taken when `commands` is 1.',
  }),
};

const secrets = {
  password: option(line, {
    absent: 'no password is sent',
    example: 'a long random word',
    help: 'The password that goes with `username`.',
  }),
};

/** `config mqtt 'mqtt'`: the broker and what it is told. */
export const mqtt = section({
  type: 'mqtt',
  name: 'mqtt',
  about: 'A broker that hears what every session used and what became of it, and that may give orders.',
  enabled: option(flag, { default: '0', help: '1: turnpike reports to this broker.' }),
  ...{ options, secrets, check },
  make({ commands, allow, ...values }) {
    const wanted = allow.length > 0 ? allow : usual;
    const orders = orderNames.filter((name) => wanted.includes(name));
    return { ...values, orders: commands ? orders : [] };
  },
});

export type MqttConfig = ConfigOf<typeof mqtt>;

function check({ url, certFile, keyFile, caFile }: Found<typeof options>, faults: Faults): void {
  if ((certFile === undefined) !== (keyFile === undefined)) {
    const alone = certFile === undefined ? 'key_file' : 'cert_file';
    faults.fault('conflict', 'cert_file and key_file belong together', alone);
  }
  if (url !== undefined && !/^(?:mqtts|wss):/.test(url) && (certFile ?? caFile) !== undefined) {
    faults.fault('conflict', 'certificates are for mqtts:// and wss://', 'url');
  }
}

function isUrl(given: string): boolean {
  try {
    return new URL(given).href !== '';
  } catch {
    return false;
  }
}
