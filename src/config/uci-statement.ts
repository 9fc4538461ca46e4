/** One `config`, `option`, `list` or `package` of a UCI file, quotes and escapes resolved. */
export interface Statement {
  /** Empty where the line cannot be read. */
  readonly keyword: '' | 'package' | 'config' | 'option' | 'list';
  /** A type, or a name. */
  readonly first: string | undefined;
  /** A name, or a value. Undefined where nothing stands. */
  readonly second: string | undefined;
  readonly line: number;
  /** What is wrong with it, and on which line; its words are those that can be read all the same. */
  readonly fault?: { readonly line: number; readonly message: string };
}

/** Each may be written by its first letter alone, as libuci reads it. */
const keywords = ['package', 'config', 'option', 'list'] as const;

const tooMany = {
  package: 'package takes one name',
  config: 'config takes a type and a name',
  option: 'option takes a name and a value; a value with spaces needs quotes',
  list: 'list takes a name and a value; a value with spaces needs quotes',
};

/** What C's `isspace` takes: a no-break space and a byte order mark are letters like any other. */
const isSpace = (c: string) => c !== '' && ' \t\n\v\f\r'.includes(c);

/** Ends the reading of a statement. */
class Misread extends Error {
  readonly line: number;
  constructor(line: number, message: string) {
    super(message);
    this.line = line;
  }
}

/**
 * Cuts a UCI file into statements as libuci does (`file.c`), with its corners: a `;` ends a statement, and behind a bare
 * word that it touches, the line; a line that is joined by a backslash goes on in its first column.
 */
export class StatementReader {
  readonly #lines: readonly string[];
  /** What is left of the line; a value over several lines makes it longer. An empty entry ends it, as 0 does in C. */
  #buffer: string[] = [];
  #at = 0;
  /** Lines that were read. */
  #line = 0;
  /** The quote that has no end: the last word of the file is in it. */
  #open: Statement['fault'];

  constructor(text: string) {
    this.#lines = text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
  }

  /** The next statement; undefined at the end. */
  next(): Statement | undefined {
    for (;;) {
      const line = this.#line;
      const word = this.#keyword();
      if (word !== undefined) return this.#statement(word, line);
      if (this.#line === this.#lines.length) return undefined;
      this.#at = 0;
      this.#fetch();
      this.#skipSpaces();
    }
  }

  #statement(word: string, line: number): Statement {
    const keyword = keywords.find((one) => word === one || word === one[0]);
    try {
      if (!keyword)
        throw new Misread(line, `'${word.trim().slice(0, 40)}' is none of config, option, list and package`);
      const first = this.#word();
      const second = keyword === 'package' ? undefined : this.#word();
      if (this.#word()) {
        const isLong = this.#line > line;
        const open = isLong ? `; it goes on to line ${this.#line}: a closing quote may be missing` : '';
        throw new Misread(line, tooMany[keyword] + open);
      }
      return { keyword, first, second, line, ...(this.#open && { fault: this.#open }) };
    } catch (cause) {
      if (!(cause instanceof Misread)) throw cause;
      this.#buffer.length = this.#at = 0;
      return {
        ...{ keyword: keyword ?? '', first: undefined, second: undefined, line },
        fault: { line: cause.line, message: cause.message },
      };
    }
  }

  /** The word that a statement begins with, which cannot be quoted; undefined at the end of the line. */
  #keyword(): string | undefined {
    const isBlank = () => this.#char === ' ' || this.#char === '\t';
    while (isBlank()) this.#at += 1;
    let word = '';
    for (; this.#char !== '' && !isBlank(); this.#at += 1) word += this.#char;
    this.#at += 1;
    return word === '' || word.startsWith('#') ? this.#endLine() : word;
  }

  #endLine(): undefined {
    this.#buffer.length = this.#at = 0;
  }

  get #char(): string {
    return this.#buffer[this.#at] ?? '';
  }

  /** Puts the next line where the reader stands. */
  #fetch(): void {
    this.#buffer.length = this.#at;
    const line = this.#lines[this.#line];
    if (line === undefined) return;
    for (let at = 0; at < line.length; at += 1) this.#buffer.push(line[at]!);
    this.#line += 1;
  }

  #skipSpaces(): void {
    while (isSpace(this.#char)) this.#at += 1;
  }

  /** A word: bare and quoted parts that touch are one. Undefined where there is none. */
  #word(): string | undefined {
    this.#skipSpaces();
    const begin = this.#at;
    if (this.#char === ';') {
      this.#at += 1;
      return undefined;
    }
    if (this.#char === '' || this.#char === '#') return this.#endLine();
    let word = '';
    do {
      const c = this.#char;
      if (c === "'" || c === '"') word += this.#quoted(c);
      else if (c === '#') this.#buffer.length = this.#at;
      else if (c === '' || c === ';') break;
      else if (c !== '\\' || this.#escapes()) word += this.#take();
    } while (this.#char !== '' && !isSpace(this.#char));
    if (this.#char !== ';') this.#at += this.#char === '' ? 0 : 1;
    // The end of a bare word is written over the `;`: with it goes what stands behind.
    else if (begin + word.length === this.#at) this.#buffer.length = this.#at;
    return word;
  }

  #quoted(quote: string): string {
    const line = this.#line;
    let word = '';
    this.#at += 1;
    for (;;) {
      const c = this.#char;
      if (c === quote) {
        this.#at += 1;
        return word;
      }
      if (c === '') {
        this.#fetch();
        if (this.#char !== '') continue;
        this.#open = { line, message: `the ${quote} that begins here has no end` };
        return word;
      } else if (c !== '\\' || quote === "'" || this.#escapes()) word += this.#take();
    }
  }

  #take(): string {
    const c = this.#char;
    this.#at += 1;
    return c;
  }

  /** Goes behind a backslash. @returns that the next character is taken as it is; at the end of a line the next one follows. */
  #escapes(): boolean {
    this.#at += 1;
    const c = this.#char;
    const isEnd = c === '' || c === '\n' || (c === '\r' && this.#buffer[this.#at + 1] === '\n');
    if (isEnd) this.#fetch();
    return !isEnd;
  }
}
