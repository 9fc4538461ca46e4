import { type Statement, StatementReader } from './uci-statement.js';

/** Text of a configuration file, with its name for faults. */
export interface FileText {
  readonly text: string;
  readonly file: string;
}

/** A value with the line that it stands on. */
export interface UciValue {
  readonly value: string;
  readonly line: number;
}

/** A section of a UCI file. */
export interface UciSection {
  readonly type: string;
  /** Absent for an anonymous section. */
  readonly name: string | undefined;
  readonly line: number;
  /** An option given twice keeps the last value that is not empty, as in libuci. */
  readonly options: Map<string, UciValue>;
  readonly lists: Map<string, UciValue[]>;
}

/** What is no UCI, with its line. */
export interface UciFault {
  readonly line: number;
  readonly message: string;
  /** A name that a section of another type has. */
  readonly isDuplicate?: true;
  /** The section that the fault is in: something of it may be missing. Absent before the first one. */
  readonly section?: UciSection;
}

export interface UciFile {
  readonly sections: readonly UciSection[];
  readonly faults: readonly UciFault[];
}

const name = /^[A-Za-z0-9_]+$/;
const packageName = /^[A-Za-z0-9_-]+$/;
/** Printable ASCII. */
const type = /^[!-~]+$/;

/**
 * Reads a UCI file as libuci does (`file.c`, `list.c`): what `uci export` prints of a file is what is found here, and a
 * file that it refuses has a fault. So has an option without a value, or a NUL, which libuci drops in silence. What is
 * wrong is reported with its line, and reading goes on behind it.
 */
export function parseUci(text: string): UciFile {
  const faults: UciFault[] = [];
  const sections = new Sections();
  const reader = new StatementReader(text);
  for (let statement = reader.next(); statement; statement = reader.next()) {
    const taken = sections.take(statement);
    const fault = statement.fault ?? taken;
    const section = sections.current;
    if (fault) faults.push({ line: statement.line, ...fault, ...(section && { section }) });
  }
  return { sections: sections.all, faults: [...faults, ...nulsIn(text)] };
}

function nulsIn(text: string): UciFault[] {
  const at = text.indexOf('\0');
  if (at < 0) return [];
  return [{ line: text.slice(0, at).split('\n').length, message: 'a NUL character stands here' }];
}

type Fault = Omit<UciFault, 'line' | 'section'> | undefined;

/** The sections so far. */
class Sections {
  readonly all: UciSection[] = [];
  /** The one that options go to. What stands behind a line `config` that cannot be read belongs to none. */
  current: UciSection | undefined;
  #isLost = false;
  readonly #named = new Map<string, readonly UciSection[]>();

  lose(): void {
    this.current = undefined;
    this.#isLost = true;
  }

  /** @returns what is wrong with the statement. */
  take({ keyword, first = '', second, line }: Statement): Fault {
    if (keyword === 'package')
      return packageName.test(first) ? undefined : { message: 'package takes one name' };
    if (keyword === 'config') return this.#begin(first, second ?? '', line);
    if (keyword === '') return undefined;
    if (!this.current)
      return this.#isLost ? undefined : { message: `${keyword} stands before the first config` };
    if (!name.test(first)) return nameless(first);
    // libuci drops it without a word; whoever wrote the line meant something by it.
    if (second === undefined) return { message: `${keyword} takes a name and a value` };
    put(this.current, keyword, first, { value: second, line });
    return undefined;
  }

  #begin(kind: string, label: string, line: number): Fault {
    this.lose();
    if (!type.test(kind)) return { message: 'config needs a type of letters, digits, _ and -' };
    if (label !== '' && !name.test(label)) return nameless(label);
    // A section that is named again goes on, and keeps its place.
    const known = (label !== '' && this.#named.get(label)) || [];
    const same = known.find((one) => one.type === kind);
    this.current = same ?? {
      type: kind,
      name: label || undefined,
      line,
      options: new Map(),
      lists: new Map(),
    };
    if (same) return undefined;
    this.all.push(this.current);
    if (label !== '') this.#named.set(label, [...known, this.current]);
    const [other] = known;
    if (!other) return undefined;
    return { message: `the name is taken by the ${other.type} of line ${other.line}`, isDuplicate: true };
  }
}

function nameless(text: string): Fault {
  return { message: `'${text.slice(0, 40)}' is no name: letters, digits and _ only` };
}

/** An option takes the place of a list, and a list takes in the option that was there; an empty option changes nothing. */
function put({ options, lists }: UciSection, keyword: 'option' | 'list', key: string, value: UciValue): void {
  const before = options.get(key);
  if (keyword === 'list') {
    const list = lists.get(key) ?? (before ? [before] : []);
    list.push(value);
    lists.set(key, list);
    options.delete(key);
  } else if (value.value !== '') {
    options.set(key, value);
    lists.delete(key);
  }
}
