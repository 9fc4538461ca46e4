// Stands in for OpenWrt's uci where that is not installed: export, changes, batch, commit and revert, of options and lists.
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseUci, type UciSection } from '../../src/config/uci.js';

const args = process.argv.slice(2).filter((one) => one !== '-q');
const folder = args[args.indexOf('-c') + 1]!;
args.splice(args.indexOf('-c'), 2);
const [verb, file = ''] = args;
const staged = (name: string) => join(folder, `.staged-${name}`);

const quoted = (value: string) => `'${value.replaceAll("'", `'\\''`)}'`;

function textOf(sections: readonly UciSection[], name?: string): string {
  const lines = sections.flatMap(({ type, name: label, options, lists }) => [
    `\nconfig ${type}${label === undefined ? '' : ` ${quoted(label)}`}`,
    ...[...options].map(([option, { value }]) => `\toption ${option} ${quoted(value)}`),
    ...[...lists].flatMap(([list, entries]) => entries.map(({ value }) => `\tlist ${list} ${quoted(value)}`)),
  ]);
  return `${[...(name === undefined ? [] : [`package ${name}`]), ...lines].join('\n')}\n`;
}

function read(name: string): UciSection[] {
  const place = existsSync(staged(name)) ? staged(name) : join(folder, name);
  return [...parseUci(readFileSync(place, 'utf8')).sections];
}

function isFaulty(name: string): boolean {
  return parseUci(readFileSync(join(folder, name), 'utf8')).faults.length > 0;
}

function sectionOf(sections: readonly UciSection[], name: string): UciSection | undefined {
  const [, type, index] = /^@(\S+)\[(\d+)\]$/.exec(name) ?? [];
  return type === undefined
    ? sections.find((one) => one.name === name)
    : sections.filter((one) => one.type === type)[Number(index)];
}

function commit(name: string): void {
  if (existsSync(staged(name))) writeFileSync(join(folder, name), readFileSync(staged(name)));
  rmSync(staged(name), { force: true });
}

function carryOut(line: string): string | undefined {
  if (line.startsWith('commit ')) {
    commit(line.slice('commit '.length));
    return undefined;
  }
  const [, what, name, label, option, value] =
    /^(\w+) (\w+)\.([^.=]+)(?:\.(\w+))?(?:=(.*))?$/.exec(line) ?? [];
  if (what === undefined || !existsSync(join(folder, name!))) return 'Invalid argument';
  const sections = read(name!);
  const section = sectionOf(sections, label!);
  if (option === undefined) return carryOutWhole(what, name!, sections, { section, label: label!, value });
  if (!section) return 'Invalid argument';
  const text = parseUci(`config a\n\toption a ${value ?? "''"}\n`).sections[0]!.options.get('a')!;
  if (what === 'delete') {
    const isThere = section.options.delete(option!) || section.lists.delete(option!);
    if (!isThere) return 'Entry not found';
  } else if (what === 'set') {
    section.lists.delete(option!);
    section.options.set(option!, text);
  } else section.lists.set(option!, [...(section.lists.get(option!) ?? []), text]);
  writeFileSync(staged(name!), textOf(sections));
  return undefined;
}

/** Makes a section, or takes it away. */
function carryOutWhole(
  what: string,
  name: string,
  sections: readonly UciSection[],
  { section, label, value }: { section: UciSection | undefined; label: string; value: string | undefined },
): string | undefined {
  if (section ? what !== 'delete' : what !== 'set') return 'Invalid argument';
  const more = parseUci(`config ${value ?? ''} ${quoted(label)}\n`).sections;
  const left = sections.filter((one) => one !== section);
  writeFileSync(staged(name), textOf(section ? left : [...left, ...more]));
  return undefined;
}

switch (verb) {
  case 'export':
    if (!existsSync(join(folder, file)) || isFaulty(file)) process.exitCode = 1;
    else process.stdout.write(textOf(read(file), file));
    break;
  case 'changes':
    for (const name of readdirSync(folder).filter((one) => one.startsWith('.staged-'))) {
      process.stdout.write(`${name.slice('.staged-'.length)}.main.x='1'\n`);
    }
    break;
  case 'revert':
    rmSync(staged(file), { force: true });
    break;
  case 'commit':
    commit(file);
    break;
  case 'batch':
    for (const line of readFileSync(0, 'utf8').split('\n').filter(Boolean)) {
      const complaint = carryOut(line);
      if (complaint !== undefined) process.stderr.write(`uci: ${complaint}\n`);
    }
    break;
  default:
    process.exitCode = 255;
}
