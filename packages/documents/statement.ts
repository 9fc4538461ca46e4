import type { Option } from '../../src/config/option.js';

/** The lines of a file in UCI syntax that set an option; many values make a list. */
export function statements(name: string, value: string | readonly string[]): string[] {
  if (typeof value === 'string') return [`option ${name} ${quote(value)}`];
  return value.map((one) => `list ${name} ${quote(one)}`);
}

/** Lines that set an option to its default, or to its example where it has none. */
export function exampleOf(name: string, { isList, defaults, examples }: Option): string[] {
  const values = defaults.length > 0 ? defaults : examples;
  return statements(name, isList ? values : values[0]!);
}

/** The line that begins a section. */
export function heading(type: string, name: string): string {
  return `config ${type} ${quote(name)}`;
}

function quote(value: string): string {
  return `'${value.replaceAll("'", "'\\''")}'`;
}
