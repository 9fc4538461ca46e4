import type { Kind } from './kind.js';
import type { SectionReader } from './reader.js';

/** What a table says of each option, for owners. Values stand here as they would in the file. */
interface Said {
  /** One or two plain sentences: what it does. */
  readonly help: string;
  /** Why no page of LuCI has it. */
  readonly notInLuci?: string;
  /** A running daemon keeps the value that it was started with. */
  readonly atStart?: true;
}

/** A section that is switched on cannot do without it. */
interface Needed {
  readonly needed: true;
}

/** It may be absent. `absent`: what holds then. `neededIf`: when the section's `check` demands it. */
type Optional = { readonly absent: string } | { readonly neededIf: string };

/** A text with `...` in it is a gap to fill in: nobody is to sell to an account that stood in a document. */
interface Example {
  readonly example: string;
}

type SaidOfOne = Said & ({ readonly default: string } | (Example & (Needed | Optional)));

interface SaidOfList<T> extends Said {
  readonly examples: readonly string[];
  /** Two entries with the same key are a fault. */
  readonly key?: (entry: T) => string;
}

/** When an option has a value: always; in every section that is switched on and without a fault; not always. */
export type Presence = 'always' | 'needed' | 'maybe';

/** An option in a table: how it is read, and what is said of it. Frozen. */
export interface Option<T = unknown, P extends Presence = Presence> {
  readonly kind: Kind<unknown>;
  /** It stands in the file as `list`, once for each entry. */
  readonly isList: boolean;
  readonly presence: P;
  readonly help: string;
  readonly notInLuci?: string;
  readonly atStart?: true;
  /** The value that it has by default, the entries of a list; empty when there is none. */
  readonly defaults: readonly string[];
  /** A value that it may have, the entries of a list; empty when the default is example enough. */
  readonly examples: readonly string[];
  readonly absent?: string;
  readonly neededIf?: string;
  /** Reads it and reports what is wrong with it. A faulty option reads as its default. */
  read(reader: SectionReader, name: string): T | undefined;
}

/** A table of options, by their names in the file. */
export type Options = Readonly<Record<string, Option>>;

/** An option of one value: `option NAME 'VALUE'`. */
export function option<T>(kind: Kind<T>, said: Said & { readonly default: string }): Option<T, 'always'>;
export function option<T>(kind: Kind<T>, said: Said & Example & Needed): Option<T, 'needed'>;
export function option<T>(kind: Kind<T>, said: Said & Example & Optional): Option<T, 'maybe'>;
export function option<T>(kind: Kind<T>, said: SaidOfOne): Option<T> {
  const defaults = 'default' in said ? [said.default] : [];
  const [value] = valuesOf(kind, defaults);
  return Object.freeze({
    ...said,
    ...{ kind, isList: false, defaults },
    presence: 'default' in said ? 'always' : 'needed' in said ? 'needed' : 'maybe',
    examples: 'example' in said ? [said.example] : [],
    read: (reader: SectionReader, name: string) => reader.value(name, kind) ?? value,
  });
}

/** An option of many values: `list NAME 'VALUE'`, once for each. Without entries its value is an empty list. */
export function list<T>(kind: Kind<T>, said: SaidOfList<T> & Needed): Option<readonly T[], 'needed'>;
export function list<T>(
  kind: Kind<T>,
  said: SaidOfList<T> & (Optional | { readonly default: readonly string[] }),
): Option<readonly T[], 'always'>;
export function list<T>(
  kind: Kind<T>,
  said: SaidOfList<T> & (Needed | Optional | { readonly default: readonly string[] }),
): Option<readonly T[]> {
  const defaults = 'default' in said ? said.default : [];
  const values = valuesOf(kind, defaults);
  return Object.freeze({
    ...said,
    ...{ kind, isList: true, defaults },
    presence: 'needed' in said ? 'needed' : 'always',
    read(reader: SectionReader, name: string) {
      const found = onceOnly(reader.values(name, kind), said.key, (key) =>
        reader.fault('duplicate', `there are two entries for ${key}`, name),
      );
      return found.length === 0 ? values : found;
    },
  });
}

/**
 * Reads the values that a table itself gives. @throws TypeError for a value that the kind refuses: the table is wrong
 */
function valuesOf<T>(kind: Kind<T>, texts: readonly string[]): T[] {
  return texts.map((text) => {
    const reading = kind.read(text, () => undefined);
    if (!reading.ok) throw new TypeError(`'${text}' must be ${reading.must}`);
    return reading.value;
  });
}

/** Leaves out entries with the key of an earlier one, and reports each. */
function onceOnly<T>(
  entries: readonly T[],
  keyOf: ((entry: T) => string) | undefined,
  report: (key: string) => void,
): readonly T[] {
  if (!keyOf) return entries;
  const seen = new Set<string>();
  return entries.filter((entry) => {
    const key = keyOf(entry);
    if (seen.has(key)) report(key);
    return !seen.has(key) && seen.add(key);
  });
}

/** The name that an option has in code: `flushInterval` for `flush_interval`. */
export type NameInCode<N extends string> = N extends `${infer Head}_${infer Tail}`
  ? `${Head}${Capitalize<NameInCode<Tail>>}`
  : N;

/** The same at run time. */
export function nameInCode(name: string): string {
  return name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

type Named<O extends Options, P extends Presence> = {
  readonly [N in keyof O as O[N] extends Option<unknown, P>
    ? NameInCode<N & string>
    : never]: O[N] extends Option<infer T> ? T : never;
};

/** Values of the options of a section that has all it needs, by their names in code. */
export type Values<O extends Options> = Named<O, 'always' | 'needed'> & Partial<Named<O, 'maybe'>>;

/** Values of the options that are there, whatever is missing. */
export type Found<O extends Options> = Named<O, 'always'> & Partial<Named<O, 'needed' | 'maybe'>>;

/** Reads every option of a table; what has no value is left out. */
export function readOptions(options: Options, reader: SectionReader): Readonly<Record<string, unknown>> {
  const found = Object.entries(options).map(
    ([name, one]) => [nameInCode(name), one.read(reader, name)] as const,
  );
  return Object.fromEntries(found.filter(([, value]) => value !== undefined));
}
