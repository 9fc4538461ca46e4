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
  /** An option given twice keeps the last value, as in libuci. */
  readonly options: Map<string, UciValue>;
  readonly lists: Map<string, UciValue[]>;
}

/** What is no UCI, with its line. */
export interface UciFault {
  readonly line: number;
  readonly message: string;
  /** The section that the fault is in: something of it may be missing. Absent before the first one. */
  readonly section?: UciSection;
}

export interface UciFile {
  readonly sections: readonly UciSection[];
  readonly faults: readonly UciFault[];
}

/** A line's words, quotes and escapes resolved. */
interface Statement {
  readonly words: readonly string[];
  readonly line: number;
}

const name = /^[A-Za-z0-9_]+$/;
const type = /^[A-Za-z0-9_-]+$/;

/**
 * Reads the grammar of a UCI file, as libuci does (`file.c`): `package`, `config`, `option` and `list`, words in single
 * or double quotes or bare, backslash escapes outside single quotes, `#` comments, `;` between statements.
 * What is wrong is reported with its line, and reading goes on behind it.
 */
export function parseUci(text: string): UciFile {
  const faults: UciFault[] = [];
  const sections: UciSection[] = [];
  const reader = new StatementReader(text, faults);
  // What stands behind a line `config` that cannot be read belongs to no section.
  let isLost = false;
  for (let statement = reader.next(); statement; statement = reader.next()) {
    const known = faults.length;
    const isConfig = statement.words[0] === 'config';
    const fault = take(statement, isLost && !isConfig ? [] : sections);
    if (isConfig) isLost = fault !== undefined;
    else if (isLost) continue;
    if (fault !== undefined) faults.push({ line: statement.line, message: fault });
    const section = isLost ? undefined : sections.at(-1);
    if (section) for (let at = known; at < faults.length; at += 1) faults[at] = { ...faults[at]!, section };
  }
  return { sections, faults };
}

/** @returns what is wrong with the statement. */
function take({ words, line }: Statement, sections: UciSection[]): string | undefined {
  const [keyword, first, second] = words;
  switch (keyword) {
    case 'package':
      return words.length === 2 ? undefined : 'package takes one name';
    case 'config':
      return words.length > 3 ? 'config takes a type and a name' : begin(first, second, line, sections);
    case 'option':
    case 'list':
      if (words.length !== 3) return `${keyword} takes a name and a value; a value with spaces needs quotes`;
      return put(keyword, first!, { value: second!, line }, sections.at(-1));
    default:
      return `'${keyword?.slice(0, 40)}' is none of config, option, list and package`;
  }
}

function begin(
  kind: string | undefined,
  label: string | undefined,
  line: number,
  sections: UciSection[],
): string | undefined {
  if (kind === undefined || !type.test(kind)) return 'config needs a type of letters, digits, _ and -';
  if (label !== undefined && label !== '' && !name.test(label)) {
    return `'${label.slice(0, 40)}' is no name: letters, digits and _ only`;
  }
  // A section that is named again goes on where it stopped; so it moves to the end, where its options go.
  const known = label ? sections.findIndex((s) => s.name === label && s.type === kind) : -1;
  const section =
    known >= 0
      ? sections.splice(known, 1)[0]!
      : { type: kind, name: label || undefined, line, options: new Map(), lists: new Map() };
  sections.push(section);
  return undefined;
}

function put(
  keyword: 'option' | 'list',
  key: string,
  value: UciValue,
  section: UciSection | undefined,
): string | undefined {
  if (!section) return `${keyword} stands before the first config`;
  if (!name.test(key)) return `'${key.slice(0, 40)}' is no name: letters, digits and _ only`;
  if (keyword === 'option') section.options.set(key, value);
  else section.lists.set(key, [...(section.lists.get(key) ?? []), value]);
  return undefined;
}

/** Cuts the text into statements. */
class StatementReader {
  readonly #text: string;
  readonly #faults: UciFault[];
  #at = 0;
  #line = 1;

  constructor(text: string, faults: UciFault[]) {
    this.#text = text.replaceAll('\r\n', '\n');
    this.#faults = faults;
  }

  /** The next statement that has words; undefined at the end. */
  next(): Statement | undefined {
    while (this.#at < this.#text.length) {
      const line = this.#line;
      const words = this.#words();
      if (words.length > 0) return { words, line };
    }
    return undefined;
  }

  #words(): string[] {
    const words: string[] = [];
    while (this.#at < this.#text.length) {
      const c = this.#text[this.#at]!;
      if (c === '\n' || c === ';') {
        this.#skip();
        break;
      }
      if (/\s/.test(c)) this.#skip();
      else if (c === '#') this.#comment();
      else if (c === '\\' && this.#text[this.#at + 1] === '\n') this.#skip(2);
      else words.push(this.#word());
    }
    return words;
  }

  /** A word: bare and quoted parts that touch are one. */
  #word(): string {
    let word = '';
    while (this.#at < this.#text.length) {
      const c = this.#text[this.#at]!;
      if (c === "'" || c === '"') word += this.#quoted(c);
      else if (c === '\\') word += this.#escape();
      else if (/[\s;#]/.test(c)) break;
      else {
        word += c;
        this.#skip();
      }
    }
    return word;
  }

  #quoted(quote: string): string {
    const line = this.#line;
    let word = '';
    this.#skip();
    while (this.#at < this.#text.length) {
      const c = this.#text[this.#at]!;
      if (c === quote) {
        this.#skip();
        return word;
      }
      if (c === '\\' && quote === '"') word += this.#escape();
      else {
        word += c;
        this.#skip();
      }
    }
    this.#faults.push({ line, message: `the ${quote} that begins here has no end` });
    return word;
  }

  /** A backslash takes the next character as it is; before the end of a line it joins the two. */
  #escape(): string {
    this.#skip();
    const c = this.#text[this.#at] ?? '';
    this.#skip();
    return c === '\n' ? '' : c;
  }

  #comment(): void {
    while (this.#at < this.#text.length && this.#text[this.#at] !== '\n') this.#at += 1;
  }

  #skip(n = 1): void {
    for (let i = 0; i < n; i++) if (this.#text[this.#at++] === '\n') this.#line += 1;
  }
}
