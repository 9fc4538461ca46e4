// Options of the configuration: those of the daemon's tables, and those that the pages offer.
import type { Option, Options } from '../../src/config/option.js';
import { inOrder, sectionsOf } from '../../src/config/schema.js';
import { schema } from '../../src/wiring/schema.js';
import { base, evaluate } from './evaluate.js';
import { read, scripts } from './source.js';

/** An option of the tables. */
export interface Known {
  readonly option: Option;
  readonly isSecret: boolean;
}

/** The options that the daemon reads, by the type of their section and by their name; secrets are among them. */
export function optionsKnown(): ReadonlyMap<string, ReadonlyMap<string, Known>> {
  const known = (table: Options, isSecret: boolean) =>
    Object.entries(table).map(([name, option]): [string, Known] => [name, { option, isSecret }]);
  return new Map(
    inOrder(sectionsOf(schema)).map(({ type, options, secrets }) => [
      type,
      new Map([...known(options, false), ...known(secrets, true)]),
    ]),
  );
}

/** What an option looks like on a page. */
export type Widget = 'Flag' | 'ListValue' | 'Secret' | 'Quantity' | 'other';

/** An option as a page sets it up. */
export interface Offered {
  readonly option: string;
  /** The name in the configuration, where that is another one. */
  readonly ucioption?: string;
  readonly widget: Widget;
  /** What it offers to choose from. */
  readonly words: readonly string[];
  readonly default?: string;
  readonly placeholder?: string;
  /** LuCI's own check of a value. */
  readonly datatype?: string;
  /** Of a {@link Quantity}: what it is an amount of, and its bounds in bytes, seconds or kbit/s. */
  readonly kind?: 'data' | 'time' | 'rate';
  readonly min?: number;
  readonly max?: number;
  readonly validate?: (section: string, value: string) => true | string;
}

/** A section of LuCI's `form` that writes down its options. */
class Section {
  readonly children: Offered[] = [];
  readonly #widgetOf: (type: unknown) => Widget;

  constructor(widgetOf: (type: unknown) => Widget) {
    this.#widgetOf = widgetOf;
  }

  tab(): void {}

  option(type: unknown, option: string, ..._words: readonly string[]): object {
    const widget = this.#widgetOf(type);
    const words: string[] = [];
    const made = {
      option,
      widget,
      words,
      value: (word: string) => words.push(word),
      depends: () => undefined,
      section: this,
    };
    this.children.push(made);
    return made;
  }

  /** No field is filled in. */
  formvalue(): string {
    return '';
  }

  taboption(_tab: string, ...args: [unknown, string]): object {
    return this.option(...args);
  }
}

/** Modules of ours that ask the daemon, or draw. */
const drawing = ['turnpike.api', 'turnpike.daemon', 'turnpike.qr', 'turnpike.setup', 'turnpike.shop'];

/** Sets up every page with a form, and tells what it offers, by the type of the section. */
export async function optionsOffered(): Promise<ReadonlyMap<string, readonly Offered[]>> {
  const found = new Map<string, Section>();
  const [NamedSection, GridSection] = [{}, {}];
  const section = (kind: object, ...names: readonly string[]) => {
    const type = names[kind === NamedSection ? 1 : 0]!;
    const made = found.get(type) ?? new Section(widgetOf);
    found.set(type, made);
    return made;
  };
  class FormMap {
    section = section;
    render(): void {}
  }
  const [Flag, ListValue] = [{}, {}];
  const form = { NamedSection, GridSection, Map: FormMap, Value: base, DynamicList: base, Flag, ListValue };
  const modules: Record<string, unknown> = { form };
  const widgetOf = (type: unknown): Widget => {
    const fields = modules['turnpike.fields'] as { readonly Secret: unknown; readonly Quantity: unknown };
    const known = Object.entries({ Flag, ListValue, Secret: fields.Secret, Quantity: fields.Quantity });
    return (known.find(([, one]) => one === type)?.[0] ?? 'other') as Widget;
  };
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
