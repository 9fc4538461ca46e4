import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { MqttConfig } from '../../src/mqtt/section.js';
import { type Config, loadConfig } from '../../src/wiring/schema.js';
import { faultsOf, gateway, load } from './load.js';

const mqtt = (...lines: string[]) =>
  `${gateway}config mqtt 'mqtt'\n\toption enabled '1'\n${lines.map((line) => `\t${line}\n`).join('')}`;

const configOf = ({ upstreams }: Config) => upstreams.mqtt as MqttConfig | undefined;

test('MQTT: what a section says, its defaults, and its password from the other file', () => {
  const { upstreams } = load(mqtt("option url 'mqtts://broker.example.net:8883'"));
  assert.equal(upstreams.mqtt, {
    url: 'mqtts://broker.example.net:8883',
    prefix: 'turnpike',
    protocol: 'auto',
    format: 'msgpack',
    interval: 60_000,
    keepalive: 60_000,
    sessionExpiry: 86_400_000,
    orders: [],
  });
  const secrets = { text: "config secret 'mqtt'\n\toption password 'hush'\n", file: 's' };
  const result = loadConfig(mqtt("option url 'mqtt://b'", "option username 'r1'"), 'f', secrets);
  assert.equal(result.ok && [configOf(result.config)?.username, configOf(result.config)?.password], [
    'r1',
    'hush',
  ]);
  assert.is(
    load(mqtt("option url 'mqtt://b'").replace("enabled '1'", "enabled '0'")).upstreams.mqtt,
    undefined,
  );
});

test('MQTT: an order that makes or takes something of worth is taken only where it is named', () => {
  const orders = (...lines: string[]) => configOf(load(mqtt("option url 'mqtt://b'", ...lines)))?.orders;
  assert.equal(orders("option commands '1'", "list allow 'voucher_create'", "list allow 'logout_user'"), [
    'logout_user',
    'voucher_create',
  ]);
  assert.equal(orders("list allow 'purchase'"), []);
});

test('MQTT: orders are off, or the usual ones, or those that are named', () => {
  const orders = (...lines: string[]) => configOf(load(mqtt("option url 'mqtt://b'", ...lines)))?.orders;
  assert.equal(orders("list allow 'close'"), []);
  assert.equal(orders("option commands '1'"), ['close', 'grant', 'reload', 'status']);
  assert.equal(orders("option commands '1'", "list allow 'status'", "list allow 'close'"), [
    'close',
    'status',
  ]);
});

test('MQTT: what is wrong is said', () => {
  const cases: [string[], string[]][] = [
    [[], ['3 url missing']],
    [["option url 'broker.example.net'"], ['5 url bad_value']],
    [["option url 'mqtt://user:word@b'"], ['5 url bad_value']],
    [["option url 'mqtt://b'", "option prefix 'a/#'"], ['6 prefix bad_value']],
    [["option url 'mqtt://b'", "option prefix 'a/'"], ['6 prefix bad_value']],
    [["option url 'mqtt://b'", "option interval '2h'"], ['6 interval bad_value']],
    [["option url 'mqtt://b'", "list allow 'quote'"], ['6 allow bad_value']],
    [["option url 'mqtt://b'", "option ca_file '/ca.pem'"], ['5 url conflict']],
    [["option url 'mqtts://b'", "option cert_file '/c.pem'"], ['6 cert_file conflict']],
    [["option url 'mqtts://b:99999'"], ['5 url bad_value']],
    [["option url 'mqtt://b'", "option insecure '1'"], ['6 insecure unknown_option']],
  ];
  for (const [lines, expected] of cases) {
    assert.equal([...faultsOf(mqtt(...lines))].sort(), [...expected].sort(), lines.join());
  }
});

test.run();
