// Whatever stands in a portal's configuration, nothing but rules of our own forms reaches the script for nft.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { baseTable } from '../../../src/kernel/base.js';
import { Marks } from '../../../src/kernel/marks.js';
import { empty, withPremises } from '../../../src/kernel/ruleset.js';
import { changes, scriptOf } from '../../../src/kernel/script.js';
import type { Premises } from '../../../src/ports/premises.js';
import fc from '../../rig/properties.js';
import { takenOver } from './own.js';

const marks = new Marks(0xff0000ff);
const address = String.raw`(?:\d{1,3}(?:\.\d{1,3}){3}(?:/\d{1,2})?|[0-9a-fA-F:.]*:[0-9a-fA-F:.]*(?:/\d{1,3})?)`;
const protocol = String.raw`meta l4proto (?:tcp|udp|\{ icmp, ipv6-icmp \}) `;
const ports = String.raw`th dport \d{1,5}(?:-\d{1,5})? `;
const where = 'iifname "[A-Za-z0-9_.@-]{1,15}" ';
const openRule = `${where}(?:ip6? daddr ${address} )?(?:${protocol})?(?:${ports})?(?:goto free|drop)`;
const gardenRule = `${where}(?:ip daddr @garden4|ip6 daddr @garden6) (?:tcp dport \\{ [\\d, ]+ \\} )?goto free`;
const allowed = new RegExp(`^(?:${openRule}|${gardenRule})$`);
const elements =
  /^add element inet turnpike (?:sale|shared|trusted) \{ ("?)[A-Za-z0-9_.@:-]+\1(?:, \1[A-Za-z0-9_.@:-]+\1)* \}$/;

const words = [
  'allow',
  'block',
  'drop',
  'tcp',
  'udp',
  'icmp',
  'all',
  'port',
  'to',
  '443',
  '1.2.3.4',
  '::/0',
  'fd00::1',
];
const evil = [
  '"',
  ';',
  '}',
  '{',
  '\n',
  '#',
  '`',
  '$(x)',
  'flush ruleset',
  '@sale',
  '/',
  '-',
  ':',
  ',',
  '\u2028',
  '1.2.3.4;',
];
const text = fc
  .array(fc.oneof(fc.constantFrom(...words, ...evil), fc.string({ maxLength: 12 })), { maxLength: 8 })
  .chain((parts) => fc.constantFrom(' ', '', '\t').map((glue) => parts.join(glue)));
const names = [
  'gatewayinterface',
  'trustedmac',
  'preauthenticated_users',
  'walledgarden_fqdn_list',
  'walledgarden_port_list',
  'policy_preauthenticated_users',
];
const line = fc.record({ keyword: fc.constantFrom('option', 'list'), name: fc.constantFrom(...names), text });
/** As uci writes a value. */
const quoted = (value: string) => `'${value.replaceAll("'", `'\\''`)}'`;

/** The lines that a portal's premises add to the table. */
function scriptLines(premises: Premises): { rules: string[]; elements: string[] } {
  const plain = new Set(baseTable(marks, []));
  const rules = baseTable(marks, [premises]).filter((one) => !plain.has(one));
  return { rules, elements: changes(empty(), withPremises(empty(), [premises])) };
}

test('no text in a portal’s configuration ends a rule or begins another', () => {
  let seen = 0;
  fc.assert(
    fc.property(
      fc.constantFrom('opennds', 'nodogsplash'),
      fc.array(line, { maxLength: 12 }),
      (type, lines) => {
        const config = lines.map((one) => `\t${one.keyword} ${one.name} ${quoted(one.text)}\n`).join('');
        const { garden, faults, ...rest } = takenOver(type as 'opennds', config);
        const premises = {
          ...rest,
          exclusive: true,
          ...(garden && { garden: { ports: garden.ports, addresses: [] } }),
        };
        const script = scriptLines(premises);
        for (const rule of scriptOf(script.rules).split('\n').slice(0, -1)) assert.match(rule, allowed);
        for (const one of scriptOf(script.elements).split('\n').slice(0, -1)) assert.match(one, elements);
        for (const fault of faults) assert.not.match(fault, /\n/);
        seen += script.rules.length;
      },
    ),
    { numRuns: 600 },
  );
  assert.ok(seen > 60, `${seen} rules were made`);
});

test.run();
