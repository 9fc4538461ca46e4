// A member that nobody has thought of yet is a table and a line in the schema.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { configurationPage } from '../../packages/documents/configuration-page.js';
import { shippedFile } from '../../packages/documents/shipped-file.js';
import { loadConfig } from '../../src/config/config.js';
import { type Fault, formatFaults } from '../../src/config/fault.js';
import { choice, currency, flag, path, port, span, text, whole } from '../../src/config/kind.js';
import { list, option } from '../../src/config/option.js';
import type { Schema } from '../../src/config/schema.js';
import { type ConfigOf, section } from '../../src/config/section.js';
import type { OpenndsConfig } from '../../src/portals/opennds/section.js';
import { checkPolls, common, enabled } from '../../src/portals/section.js';
import type { PortalConfig } from '../../src/ports/portal.js';
import { schema } from '../../src/wiring/schema.js';

const chilli = section({
  type: 'gateway',
  about: 'CoovaChilli',
  enabled,
  options: {
    json_port: option(port, { default: '3990', help: 'Where its JSON interface listens.' }),
    ...common,
  },
  check: checkPolls,
  make: (values, name) => ({ name, type: 'chilli' as const, ...values }),
});

const card = section({
  type: 'method',
  name: 'card',
  about: 'Cards at a terminal.',
  enabled: option(flag, { default: '1', help: '0: nobody can pay by card.' }),
  options: {
    terminal: option(text(/^\w+$/, 'one word'), {
      needed: true,
      example: 'till7',
      help: 'The terminal that is asked.',
    }),
    currency: list(currency, { needed: true, examples: ['EUR 2'], help: 'What it takes.' }),
    patience: option(span('1s', '5min'), { default: '1.5min', help: 'The longest wait for the terminal.' }),
  },
  secrets: {
    pin: option(whole(0, 9999), { needed: true, example: '1234', help: 'The PIN of the terminal.' }),
  },
  make: ({ currency: taken, ...values }) => ({
    name: 'card' as const,
    currencies: new Map(taken.map(({ code, decimals }) => [code, decimals])),
    ...values,
  }),
});

const ledger = section({
  type: 'ledger',
  name: 'ledger',
  about: 'Books of an accountant.',
  enabled: option(flag, { default: '0', help: '1: sales are written there.' }),
  options: {
    file: option(path, {
      absent: 'sales are printed',
      example: '/tmp/books',
      help: 'Where they are written.',
    }),
    format: option(choice({ csv: 'CSV', xml: 'XML' }), { default: 'csv', help: 'How they are written.' }),
  },
});

const more: Schema<PortalConfig> = {
  ...schema,
  portals: { ...schema.portals, chilli },
  methods: { ...schema.methods, card },
  servers: { ...schema.servers, ledger },
};

const sections = `config gateway 'lan'
	option type 'chilli'
config gateway 'guests'
	option type 'opennds'
config method 'card'
	option terminal 'till7'
	list currency 'EUR 2'
config method 'cash'
	list currency 'USD 2'
config plan 'hour'
	option metric 'time'
	option step '1h'
	list price '1.50 EUR'
config ledger 'ledger'
	option enabled '1'
`;
const secrets = { text: "config secret 'card'\n\toption pin '0042'\n", file: 'secrets' };

function faultsOf(given: string, hidden = secrets): readonly Fault[] {
  const result = loadConfig(more, given, 'f', hidden);
  return result.ok ? [] : result.faults;
}

test('a further portal, payment method and server have their own configuration, and nobody else’s', () => {
  const result = loadConfig(more, sections, 'f', secrets);
  assert.ok(result.ok, result.ok ? '' : formatFaults(result.faults));
  const { gateways, methods, upstreams } = result.config;
  const [lan, guests] = gateways;
  assert.ok(lan?.type === 'chilli' && guests?.type === 'opennds');
  assert.is((lan as ConfigOf<typeof chilli>).jsonPort, 3990);
  assert.not.ok('transport' in lan);
  assert.is((guests as OpenndsConfig).transport, 'socket');
  const [first, second] = methods;
  assert.equal(first, {
    name: 'card',
    currencies: new Map([['EUR', 2]]),
    terminal: 'till7',
    patience: 90_000,
    pin: 42,
  });
  assert.equal(second, { name: 'cash', currencies: new Map([['USD', 2]]) });
  const format: 'csv' | 'xml' | undefined = (upstreams.ledger as ConfigOf<typeof ledger> | undefined)?.format;
  assert.is(format, 'csv');
  assert.equal(upstreams, { ledger: { format: 'csv' } });
});

test('without it in the schema a section is a fault that names those that there are', () => {
  const result = loadConfig(schema, sections, 'f', secrets);
  const text = result.ok ? '' : formatFaults(result.faults);
  assert.match(text, "f:2: gateway 'lan': type: must be one of opennds, nodogsplash, nftables (bad_value)");
  assert.match(text, "f:5: method 'card': there is no payment method 'card': cash (unknown_section)");
  assert.match(text, "f:14: ledger 'ledger': there is no section type 'ledger' (unknown_section)");
});

test('where it is not clear which member is meant, each fault is reported once', () => {
  const text = "config gateway 'lan'\n\toption type 'x'\n\toption poll_share '99'\n\toption jsonport '1'\n";
  const codes = faultsOf(text).map(({ line, code }) => `${line} ${code}`);
  assert.equal(codes, ['0 missing', '2 bad_value', '3 bad_value', '4 unknown_option']);
});

test('an option of another member is not known, and a misspelt one is named', () => {
  const wrong = sections
    .replace("'chilli'\n", "'chilli'\n\toption transport 'socket'\n\toption jsonport '1'\n")
    .replace("'1h'\n", "'1h'\n\toption idle_timout '1min'\n");
  assert.match(
    formatFaults(faultsOf(wrong)),
    "f:3: gateway 'lan': transport: is not known here (unknown_option)",
  );
  assert.match(formatFaults(faultsOf(wrong)), "jsonport: is not known here (did you mean 'json_port'?)");
  assert.match(
    formatFaults(faultsOf(wrong)),
    "idle_timout: is not known here (did you mean 'idle_timeout'?)",
  );
});

test('its prices are held against its decimals', () => {
  const faults = formatFaults(faultsOf(sections.replace('1.50 EUR', '1.505 EUR')));
  assert.is(faults, "f:13: plan 'hour': price: method 'card' has 2 decimals of EUR (conflict)");
});

test('what is wrong with a secret is said with its place, and never shown', () => {
  const hidden = (line: string) => ({ text: `config secret 'card'\n\t${line}\n`, file: 'secrets' });
  const wrong = formatFaults(faultsOf(sections, hidden("option pin '31337'")));
  assert.is(wrong, "secrets:2: secret 'card': pin: must be a whole number from 0 to 9999 (bad_value)");
  const missing = formatFaults(faultsOf(sections, hidden('')));
  assert.is(
    missing,
    "f:5: method 'card': its pin is missing in the file of the secrets: config secret 'card', option pin (missing)",
  );
  const misplaced = faultsOf(
    sections.replace("option terminal 'till7'", "option terminal 'x'\n\toption pin '31337'"),
  );
  assert.is(
    formatFaults(misplaced),
    "f:7: method 'card': pin: is a secret: it goes into the file of the secrets, config secret 'card', option pin (unknown_option)",
  );
});

test('switched off it needs nothing, and is checked all the same', () => {
  const off = (more: string) =>
    `config gateway 'lan'\n\toption type 'chilli'\nconfig method 'card'\n\toption enabled '0'\n${more}`;
  assert.equal(faultsOf(off('')), []);
  const [fault] = faultsOf(off("\toption patience '6min'\n"));
  assert.is(fault?.message, "must be a span of time from 1s to 5min, not '6min'");
});

test('the shipped file and docs/configuration.md would have it', () => {
  const file = shippedFile(more);
  assert.ok(loadConfig(more, file, 'turnpike').ok, 'and the file loads');
  for (const wanted of [
    "config method 'card'",
    "From 1 to 65535. Only for CoovaChilli.\n\t#option json_port '3990'",
    "#option patience '1.5min'",
    "#option format 'csv'",
  ]) {
    assert.ok(file.includes(wanted), wanted);
  }
  const page = configurationPage(more);
  for (const wanted of [
    "## `config ledger 'ledger'`",
    '| `json_port`, CoovaChilli |',
    '| `pin` | The PIN of the terminal. |',
  ]) {
    assert.ok(page.includes(wanted), wanted);
  }
});
test.run();
