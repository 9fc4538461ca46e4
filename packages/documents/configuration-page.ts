import type { Option, Options } from '../../src/config/option.js';
import type { Schema } from '../../src/config/schema.js';
import type { Section } from '../../src/config/section.js';
import { explainedSections, ownersOf } from './sections.js';
import { shop } from './shop.js';
import { exampleOf, heading } from './statement.js';
import { wrap } from './wrap.js';

const head = `# Configuration

<!-- Written by "npm run docs" from the tables of options, src/**/section.ts, main.ts and plan.ts. -->

turnpike reads \`/etc/config/turnpike\`, a file in UCI syntax. LuCI has nearly all of it under *Services, WiFi sales*;
\`uci\` and an editor do as well. The file that comes with the package explains each option where it stands. Saving in
LuCI, or \`uci commit\`, writes the file anew without its comments: all of them are on this page, too.

\`turnpike check\` names every fault of the file with its line. \`ubus call turnpike reload\` applies it while customers
are online, and no session is lost; a file with faults changes nothing. An option that applies *at the next start* needs
\`/etc/init.d/turnpike restart\`: gates stay as they are meanwhile.

Passwords and keys stand in \`/etc/config/turnpike_secrets\`, which only root can read: in a section \`secret\` with the
name of the section that they are for. LuCI writes them there, and shows them to nobody.

| a value is | written as |
|---|---|
| a switch | \`1\` or \`0\`; also \`on\`, \`true\`, \`yes\`, \`enabled\` and \`off\`, \`false\`, \`no\`, \`disabled\` |
| an amount of data | a number with \`B\`, \`kB\`, \`MB\`, \`GB\`, \`TB\` (by 1000), or \`KiB\`, \`MiB\`, \`GiB\`, \`TiB\` (by 1024); without a unit, bytes |
| a span of time | a number with \`ms\`, \`s\`, \`min\`, \`h\`, \`d\`, \`w\`; without a unit, seconds |
| a speed | a number with \`kbit\`, \`Mbit\`, \`Gbit\`; without a unit, kbit/s |
| a list | \`list NAME 'VALUE'\`, once for each value |

An empty value is none. An option that turnpike does not know is a fault, so that a misspelt one is not overlooked.
Some sections have a name of your choice, of up to 32 letters, digits and \`_\`; no two sections may have the same.
Where an option has no default, its column says in italics what holds without it.
`;

/** Width of the prose, in characters. */
const width = 120;

/** The page for owners: every section with its options, their defaults, forms and examples. */
export function configurationPage(schema: Schema): string {
  const sections = explainedSections(schema);
  const contents = sections.map((one) => `- [\`${titleOf(one)}\`](#${anchorOf(one)})`);
  return [`${head}\n${contents.join('\n')}\n`, ...sections.map(chapter)].join('\n');
}

function chapter(section: Section): string {
  const { about, options, secrets } = section;
  const rows = Object.keys(options).flatMap((option) => rowsOf(section, option));
  const hidden = Object.entries(secrets).map(([option, one]) => row(`\`${option}\``, one));
  const place = `Secrets, in \`/etc/config/turnpike_secrets\` as \`${heading('secret', nameOf(section))}\`:\n`;
  return [
    `## \`${titleOf(section)}\`\n`,
    ...wrap(about, width),
    '',
    ...leastOf(section),
    ...table(rows),
    ...(hidden.length > 0 ? [place, ...table(hidden)] : []),
  ].join('\n');
}

function titleOf({ type, name = 'NAME' }: Section): string {
  return heading(type, name);
}

/** As GitHub makes them of headings. */
function anchorOf(section: Section): string {
  return titleOf(section)
    .toLowerCase()
    .replace(/[^a-z0-9 _-]/g, '')
    .replaceAll(' ', '-');
}

/** The name that a section has in an example. */
function nameOf({ type, name }: Section): string {
  return name ?? shop.find((one) => one.type === type)?.name ?? 'NAME';
}

/** What the section cannot do without, as it would stand in the files. */
function leastOf(section: Section): string[] {
  const { type, options, secrets } = section;
  const { enabled, ...others } = options;
  const own = [...(enabled?.defaults[0] === '0' ? ["option enabled '1'"] : []), ...neededOf(others)];
  if (own.length === 0) return [];
  const name = nameOf(section);
  const hidden = neededOf(secrets);
  return [
    ...['The least that it needs:', '', '```', heading(type, name)],
    ...own.map((line) => `\t${line}`),
    ...(hidden.length > 0 ? ['', '# in /etc/config/turnpike_secrets', heading('secret', name)] : []),
    ...hidden.map((line) => `\t${line}`),
    ...['```', ''],
  ];
}

function neededOf(options: Options): string[] {
  const needed = Object.entries(options).filter(
    ([, { presence, neededIf }]) => presence === 'needed' || neededIf !== undefined,
  );
  return needed.flatMap(([name, one]) => exampleOf(name, one));
}

/** The rows of an option: one for each member of the section that has it in its own way. */
function rowsOf(section: Section, name: string): string[] {
  const one = section.options[name]!;
  const label = `${one.isList ? 'list ' : ''}\`${name}\``;
  const owners = ownersOf(section, name);
  if (owners.length === 0) return [row(label, one)];
  return owners.map(({ about, options }) => row(`${label}, ${about}`, options[name]!));
}

function table(rows: readonly string[]): string[] {
  return ['| option | what it does | default | form | example |', '|---|---|---|---|---|', ...rows, ''];
}

function row(label: string, one: Option): string {
  const { help, kind, defaults, examples, atStart, notInLuci } = one;
  const words = Object.entries(kind.words ?? {}).map(([word, meaning]) => `\`${word}\`: ${meaning}`);
  const cells = [
    label,
    [
      help,
      ...(atStart ? ['Applies at the next start.'] : []),
      ...(notInLuci === undefined ? [] : [`Not in LuCI: ${notInLuci}.`]),
    ].join(' '),
    defaults.length > 0 ? codes(defaults) : absence(one),
    words.length > 0 ? words.join('; ') : kind.form,
    codes(examples),
  ];
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

function absence({ absent, neededIf }: Option): string {
  if (absent !== undefined) return `*${absent}*`;
  return neededIf === undefined ? '**needed**' : `**needed** if ${neededIf}`;
}

function codes(values: readonly string[]): string {
  return values.map((value) => `\`${value}\``).join(', ');
}
