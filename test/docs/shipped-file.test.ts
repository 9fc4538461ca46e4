import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { shippedFile } from '../../packages/documents/shipped-file.js';
import { type Fault, formatFaults } from '../../src/config/fault.js';
import { inOrder, sectionsOf } from '../../src/config/schema.js';
import { loadConfig, schema } from '../../src/wiring/schema.js';

const file = shippedFile(schema);
const lines = file.split('\n');

function faultsOf(text: string): readonly Fault[] {
  const result = loadConfig(text, 'turnpike');
  return result.ok ? [] : result.faults;
}

/** Lines of a section of this type, up to the next section. */
function sectionOf(type: string): readonly string[] {
  const begin = lines.findIndex((line) => line.startsWith(`config ${type} `));
  const length = lines.slice(begin + 1).findIndex((line) => line.startsWith('config '));
  return lines.slice(begin, length < 0 ? undefined : begin + 1 + length);
}

test('the shipped file has every option of every section, and every secret', () => {
  for (const { type, options, secrets } of inOrder(sectionsOf(schema))) {
    const section = sectionOf(type);
    for (const [name, { isList }] of Object.entries(options)) {
      const statement = new RegExp(`^\t#?${isList ? 'list' : 'option'} ${name} '`);
      assert.ok(
        section.some((line) => statement.test(line)),
        `${type}: ${name}`,
      );
    }
    for (const name of Object.keys(secrets)) {
      assert.ok(
        section.some((line) => line.startsWith(`\t#\t\toption ${name} '`)),
        `${type}: ${name}`,
      );
    }
  }
});

/** An option that only a gateway of the type `nftables` has. */
const isOwnGate = (name: string) =>
  name in schema.portals.nftables!.options && !(name in schema.portals.opennds!.options);

test('servers that an owner has not set up are off in the shipped file', () => {
  const result = loadConfig(file, 'turnpike');
  assert.ok(result.ok, result.ok ? '' : formatFaults(result.faults));
  assert.equal(result.config.upstreams, {});
});

test('a line of the shipped file that is switched on is taken, and a gap that was not filled in is not', () => {
  let seen = 0;
  lines.forEach((line, at) => {
    const [, name] = /^\t#(?:option|list) (\w+) '/.exec(line) ?? [];
    if (name === undefined) return;
    const text = lines.with(at, line.replace('#', '')).join('\n');
    // What turnpike's own portal alone has is switched on with it.
    const faults = faultsOf(isOwnGate(name) ? text.replace("type 'opennds'", "type 'nftables'") : text);
    const codes = faults
      .filter(({ option, code }) => option === name && code !== 'conflict')
      .map(({ code }) => code);
    assert.equal(codes, line.includes('...') ? ['bad_value'] : [], line);
    seen += 1;
  });
  assert.ok(seen > 70, `${seen} lines`);
});

test('what is said to hold without a line does hold: with all defaults written out nothing is different', () => {
  const defaults = new Map<string, boolean>();
  for (const { type, options } of inOrder(sectionsOf(schema))) {
    for (const [name, one] of Object.entries(options))
      defaults.set(`${type} ${name}`, one.defaults.length > 0);
  }
  let type = '';
  let seen = 0;
  const written = lines.map((line) => {
    type = /^config (\w+)/.exec(line)?.[1] ?? type;
    const name = /^\t#(?:option|list) (\w+) '/.exec(line)?.[1];
    if (name === undefined || !defaults.get(`${type} ${name}`) || isOwnGate(name)) return line;
    seen += 1;
    return line.replace('#', '');
  });
  assert.ok(seen > 40, `${seen} defaults`);
  assert.equal(loadConfig(written.join('\n'), 'turnpike'), loadConfig(file, 'turnpike'));
});

test.run();
