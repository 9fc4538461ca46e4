import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { formatFaults } from '../../src/config/fault.js';
import { inOrder, sectionsOf } from '../../src/config/schema.js';
import { loadConfig, schema } from '../../src/wiring/schema.js';
import { gateway, load } from './load.js';

const main = (line: string) => `${gateway}config turnpike 'main'\n\t${line}\n`;
const plan = (line: string) =>
  `${gateway}config plan 'p'\n\toption metric 'bytes'\n\toption step '1 MB'\n\t${line}\n`;
const mqtt = (line: string) =>
  `${gateway}config mqtt 'mqtt'\n\toption enabled '1'\n\toption url 'mqtt://b'\n\t${line}\n`;

test('a fault says what the option takes, in the form in which an owner writes it', () => {
  const cases: [string, string][] = [
    [main("option enabled 'maybe'"), "must be 0 or 1, not 'maybe'"],
    [main("option heartbeat '30s'"), "must be a span of time from 1s to 29s, not '30s'"],
    [main("option heartbeat 'soon'"), "must be a span of time from 1s to 29s, not 'soon'"],
    [main("option threads '9'"), "must be a whole number from 0 to 4, not '9'"],
    [main("option log_level 'inof'"), "must be one of debug, info, warn, error (did you mean 'info'?)"],
    [main("option directory 'here'"), 'must be an absolute path'],
    [main("list directory '/a'"), 'is an option, not a list'],
    [plan("option bytes '1 parsec'"), "must be an amount of data such as 10 MB or 512 KiB, not '1 parsec'"],
    [plan("option up_rate 'fast'"), "must be a speed such as 2 Mbit, or 512 for 512 kbit/s, not 'fast'"],
    [plan("list price '0,50 USD'"), "'0,50 USD' is not a price such as '0.50 USD'"],
    [
      mqtt("list allow 'cloes'"),
      "'cloes' is not one of close, grant, reload, status, logout_user, purchase, voucher_create, payment_confirm (did you mean 'close'?)",
    ],
  ];
  for (const [text, message] of cases) {
    const result = loadConfig(text, 'f');
    assert.ok(!result.ok, text);
    assert.is(result.faults.at(-1)?.message, message, text);
  }
});

test('a password in an address is not shown', () => {
  const result = loadConfig(mqtt('').replace('mqtt://b', 'mqtt://router:hush@b'), 'f');
  assert.match(
    result.ok ? '' : formatFaults(result.faults),
    'url: must be an address such as mqtts://host:8883',
  );
  assert.not.match(JSON.stringify(result), 'hush');
});

test('an empty value is none', () => {
  const empty = load(main("option heartbeat ''; option enabled ''; option log_level ''; option router ''"));
  assert.equal(empty, load(gateway));
});

test('every default and every example of a table is taken, and a gap that is not filled in is not', () => {
  let seen = 0;
  for (const { type, options, secrets } of inOrder(sectionsOf(schema))) {
    for (const [name, { kind, defaults, examples }] of Object.entries({ ...options, ...secrets })) {
      assert.ok(defaults.length + examples.length > 0, `${type} ${name} has neither`);
      for (const text of [...defaults, ...examples]) {
        assert.is(kind.read(text, () => undefined).ok, !text.includes('...'), `${type} ${name}: ${text}`);
        seen += 1;
      }
    }
  }
  assert.ok(seen > 90, `${seen} values`);
});

test('a section stands in the schema under the word by which a file names it', () => {
  const { portals, methods, servers } = schema;
  for (const [name, { type }] of Object.entries(servers)) assert.is(type, name);
  for (const [name, { type, name: own }] of Object.entries(methods))
    assert.equal([type, own], ['method', name]);
  for (const name of Object.keys(portals)) {
    const { gateways } = load(`config gateway 'lan'\n\toption type '${name}'\n\tlist interface 'br-lan'\n`);
    assert.is(gateways[0]?.type, name);
  }
});

test.run();
