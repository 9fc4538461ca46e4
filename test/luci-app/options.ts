// Options of the configuration: those that the daemon reads, found out by asking it, and those that the pages offer.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadConfig } from '../../src/config/config.js';
import type { Fault } from '../../src/config/fault.js';
import { base, evaluate } from './evaluate.js';
import { read, scripts } from './source.js';

const folder = 'src/config';

/** Names of options by the type of their section; those of the secrets are with the section that they are for. */
export type Options = ReadonlyMap<string, ReadonlySet<string>>;

/** Every word in quotes in the sources of the configuration: names of sections and of options are among them. */
function words(): string[] {
  const sources = readdirSync(folder).map((file) => readFileSync(join(folder, file), 'utf8'));
  return [...new Set([...sources.join('\n').matchAll(/'([a-z][a-z0-9_]*)'/g)].map(([, word]) => word!))];
}

function faultsOf(text: string, secrets?: string): readonly Fault[] {
  const result = loadConfig(text, 'turnpike', secrets ? { text: secrets, file: 'secrets' } : undefined);
  return result.ok ? [] : result.faults;
}

/** Tries every word as a section, and as an option of each: what the daemon does not complain about, it reads. */
export function optionsRead(): Options {
  const all = words();
  const section = (kind: string, name: string) =>
    `config ${kind} '${name}'\n${all.map((word) => `\toption ${word} 'x'\n`).join('')}`;
  const notThere = (faults: readonly Fault[]) =>
    new Set(faults.filter(({ code }) => code === 'unknown_option').map(({ option }) => option));
  const isType = (word: string) =>
    !faultsOf(`config ${word} '${word}'\n`).some(
      ({ code, message }) => code === 'unknown_section' && message.includes('section type'),
    );
  return new Map(
    all.filter(isType).map((type) => {
      const own = notThere(faultsOf(section(type, type)));
      const faults = faultsOf(`config ${type} '${type}'\n`, section('secret', type));
      const hidden = notThere(faults.filter(({ file }) => file === 'secrets'));
      // Secrets of a section that has none are not read, and nobody complains.
      const isKnown = (word: string) => !own.has(word) || (hidden.size > 0 && !hidden.has(word));
      return [type, new Set(all.filter(isKnown))];
    }),
  );
}

/** An option as a page sets it up. */
export interface Offered {
  readonly option: string;
  /** The name in the configuration, where that is another one. */
  readonly ucioption?: string;
  readonly validate?: (section: string, value: string) => true | string;
}

/** A section of LuCI's `form` that writes down its options. */
class Section {
  readonly children: Offered[] = [];
  tab(): void {}

  option(_class: unknown, option: string, ..._words: readonly string[]): object {
    const made = { option, value: () => undefined, depends: () => undefined };
    this.children.push(made);
    return made;
  }

  taboption(_tab: string, ...args: [unknown, string]): object {
    return this.option(...args);
  }
}

/** Modules of ours that ask the daemon, or draw. */
const drawing = ['turnpike.api', 'turnpike.daemon'];

/** Sets up every page with a form, and tells what it offers, by the type of the section. */
export async function optionsOffered(): Promise<ReadonlyMap<string, readonly Offered[]>> {
  const found = new Map<string, Section>();
  const [NamedSection, GridSection] = [{}, {}];
  const section = (kind: object, ...names: readonly string[]) => {
    const type = names[kind === NamedSection ? 1 : 0]!;
    const made = found.get(type) ?? new Section();
    found.set(type, made);
    return made;
  };
  class FormMap {
    section = section;
    render(): void {}
  }
  const form = { NamedSection, GridSection, Map: FormMap, Value: base, DynamicList: base };
  const modules: Record<string, unknown> = { form };
  const run = (file: string) => {
    for (const [, name] of read(file).matchAll(/^'require (turnpike\.\w+)/gm)) {
      if (!drawing.includes(name!)) modules[name!] ??= run(`${name!.replace('.', '/')}.js`);
    }
    return evaluate(file, modules);
  };
  for (const view of scripts.filter((file) => file.startsWith('view/'))) {
    if (read(view).includes("new form.Map('turnpike'")) await (run(view) as { render(): unknown }).render();
  }
  return new Map([...found].map(([type, { children }]) => [type, children]));
}
