import type { Option, Options } from '../../src/config/option.js';
import type { Schema } from '../../src/config/schema.js';
import type { Section } from '../../src/config/section.js';
import { explainedSections, ownersOf } from './sections.js';
import { type Given, shop } from './shop.js';
import { exampleOf, heading, statements } from './statement.js';
import { wrap } from './wrap.js';

const head = `# turnpike: sells WiFi by the megabyte and by the minute.
#
# What is here: the daemon, the portal, three plans, and cash. Behind that, switched off: RADIUS, MQTT, wallets.
# \`turnpike check\` says what is wrong with this file; \`ubus call turnpike reload\` applies it, no session is lost.
#
# A line that begins with #option or #list is not in force. It shows what holds without it; where the text above it
# says what holds, it shows an example. Take the # away to set something else.
#
# Switches: 1 is on, 0 is off. Sizes: B kB MB GB TB, and by 1024 KiB MiB GiB TiB. Times: ms s min h d w.
# Speeds: kbit Mbit Gbit.
`;

/** Width of a comment, in characters. */
const width = 110;

/** The configuration file of the package: the shop, with every option of every section explained where it stands. */
export function shippedFile(schema: Schema): string {
  return [head, ...explainedSections(schema).flatMap(blocks)].join('\n');
}

/** The sections of a type: those of the shop, or one that is switched off. The first one explains its options. */
function blocks(section: Section): string[] {
  const { type, name = type } = section;
  const given = shop.filter((one) => one.type === type && (section.name ?? one.name) === one.name);
  const [first = { type, name, set: { enabled: '0' } }, ...others] = given;
  return [explained(section, first), ...others.map(short)];
}

function explained(section: Section, { type, name, set }: Given): string {
  const { about, options, secrets } = section;
  const unknown = Object.keys(set).find((option) => !(option in options));
  if (unknown !== undefined) throw new TypeError(`a section ${type} has no option ${unknown}`);
  const lines = Object.entries(options).flatMap(([option, one]) => [
    ...comment(`${saidOf(one)}${onlyFor(section, option)}`),
    ...(option in set ? statements(option, set[option]!) : exampleOf(option, one).map((line) => `#${line}`)),
    '',
  ]);
  const body = [...lines, ...placeOf(name, secrets)];
  return [...comment(about), heading(type, name), ...indented(body)].join('\n');
}

/** A further section of a type: what it sets. */
function short({ type, name, note = '', set }: Given): string {
  const lines = Object.entries(set).flatMap(([option, value]) => statements(option, value));
  return [...comment(note), heading(type, name), ...indented([...lines, ''])].join('\n');
}

/** For an option that not all portals have. */
function onlyFor(section: Section, option: string): string {
  const owners = ownersOf(section, option);
  const isForAll = owners.length === 0 || owners.length === Object.keys(section.members ?? {}).length;
  return isForAll ? '' : ` Only for ${owners.map(({ about }) => about).join(', ')}.`;
}

/** What would stand in the file of the secrets. */
function placeOf(name: string, secrets: Options): string[] {
  const tables = Object.entries(secrets);
  if (tables.length === 0) return [];
  const lines = tables.flatMap(([option, one]) => [
    ...comment(saidOf(one)).map((line) => `\t${line}`),
    ...exampleOf(option, one).map((line) => `\t${line}`),
  ]);
  const where = 'Not here but in /etc/config/turnpike_secrets, which only root can read:';
  return [...comment(where), ...[heading('secret', name), ...lines].map((line) => `#\t${line}`), ''];
}

function saidOf({ help, kind, presence, absent, neededIf, atStart }: Option): string {
  const words = Object.entries(kind.words ?? {}).map(([word, meaning]) => `${word}: ${meaning}`);
  return [
    help,
    ...(words.length > 0 ? [`${words.join('; ')}.`] : []),
    ...(kind.bounds ? [`${kind.bounds[0]!.toUpperCase()}${kind.bounds.slice(1)}.`] : []),
    ...(presence === 'needed' ? ['Needed.'] : []),
    ...(neededIf === undefined ? [] : [`Needed if ${neededIf}.`]),
    ...(absent === undefined ? [] : [`Without it: ${absent}.`]),
    ...(atStart ? ['Applies at the next start.'] : []),
  ].join(' ');
}

/** Nobody reads marks of code in a comment. */
function comment(text: string): string[] {
  return text === '' ? [] : wrap(text.replaceAll('`', ''), width - 2).map((line) => `# ${line}`);
}

function indented(lines: readonly string[]): string[] {
  return lines.map((line) => (line === '' ? '' : `\t${line}`));
}
