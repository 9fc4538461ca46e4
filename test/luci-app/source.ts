// Reads the sources of the LuCI application as far as its tests need: strings with what stands before them, and calls.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const app = 'luci-app';
export const resources = join(app, 'htdocs/luci-static/resources');

/** Scripts of the application, by their path below `resources`. */
export const scripts: readonly string[] = readdirSync(resources, { recursive: true })
  .map(String)
  .filter((file) => file.endsWith('.js'))
  .sort();

export function read(file: string): string {
  return readFileSync(join(resources, file), 'utf8');
}

export function readJson(file: string): unknown {
  return JSON.parse(readFileSync(join(app, file), 'utf8'));
}

/** A piece of text between quotes. */
export interface Literal {
  readonly file: string;
  readonly line: number;
  /** What it says, escapes resolved; a template has `{}` in the place of each expression. */
  readonly text: string;
  readonly kind: 'string' | 'template';
  /** The code right before it, on its line and the one above, without comments. */
  readonly before: string;
  /** The code right after it. */
  readonly after: string;
}

/** Where a slash begins a pattern and does not divide. */
const beforePattern = /(?:^|[=(,:[!&|?{};]|=>|return)\s*$/;

/** All strings and templates of a script. */
export function literals(file: string): Literal[] {
  const text = read(file);
  const found: Literal[] = [];
  let code = '';
  let at = 0;
  const lineAt = (offset: number) => text.slice(0, offset).split('\n').length;

  function string(quote: string): void {
    const begin = at;
    at += 1;
    while (text[at] !== quote) at += text[at] === '\\' ? 2 : 1;
    at += 1;
    const inner = text.slice(begin + 1, at - 1);
    push(inner.replace(/\\n/g, '\n').replace(/\\(.)/g, '$1'), 'string', begin);
    code += '""';
  }

  function template(): void {
    const begin = at;
    let value = '';
    at += 1;
    while (text[at] !== '`') {
      if (text[at] === '\\') {
        value += text[at + 1];
        at += 2;
      } else if (text.startsWith('${', at)) {
        at += 2;
        scan('}');
        at += 1;
        value += '{}';
      } else {
        value += text[at];
        at += 1;
      }
    }
    at += 1;
    push(value, 'template', begin);
    code += '``';
  }

  function push(value: string, kind: Literal['kind'], begin: number): void {
    const before = code.slice(-120);
    const after = text.slice(at, at + 20);
    found.push({ file, line: lineAt(begin), text: value, kind, before, after });
  }

  function scan(end: string): void {
    let depth = 0;
    while (at < text.length) {
      const c = text[at]!;
      if (text.startsWith('//', at)) at = lineEnd();
      else if (text.startsWith('/*', at)) at = text.indexOf('*/', at) + 2;
      else if (c === "'" || c === '"') string(c);
      else if (c === '`') template();
      else if (c === '/' && beforePattern.test(code)) pattern();
      else {
        if (c === end && depth === 0) return;
        if (c === '{') depth += 1;
        if (c === '}') depth -= 1;
        code += c;
        at += 1;
      }
    }
  }

  function lineEnd(): number {
    const next = text.indexOf('\n', at);
    return next < 0 ? text.length : next;
  }

  function pattern(): void {
    let inClass = false;
    at += 1;
    while (text[at] !== '/' || inClass) {
      if (text[at] === '\\') at += 1;
      else if (text[at] === '[') inClass = true;
      else if (text[at] === ']') inClass = false;
      at += 1;
    }
    at += 1;
    code += '0';
  }

  scan('');
  return found;
}

/** True for the argument of `_()`. */
export function isTranslated({ before }: Literal): boolean {
  return /(?:^|[^\w$])_\(\s*$/.test(before);
}

/** Everything that translators are to see, with the places where it stands. */
export function messages(): Map<string, string[]> {
  const found = new Map<string, string[]>();
  const add = (text: string, place: string) => found.set(text, [...(found.get(text) ?? []), place]);
  for (const file of scripts) {
    for (const literal of literals(file)) {
      if (isTranslated(literal)) add(literal.text, `${resources}/${file}:${literal.line}`);
    }
  }
  for (const file of ['luci/menu.d', 'rpcd/acl.d']) {
    const path = `${app}/root/usr/share/${file}/luci-app-turnpike.json`;
    readFileSync(path, 'utf8')
      .split('\n')
      .forEach((line, i) => {
        const match = /"(?:title|description)":\s*"([^"]*)"/.exec(line);
        if (match) add(match[1]!, `${path}:${i + 1}`);
      });
  }
  return found;
}

/** The template for translators, as LuCI's own `i18n-scan.pl` orders it. */
export function template(): string {
  const head = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8"\n';
  const quote = (text: string) => text.replace(/["\\]/g, '\\$&').replace(/\n/g, ' ');
  const entries = [...messages()].sort(([a], [b]) => (a < b ? -1 : 1));
  return (
    head +
    entries
      .map(([text, places]) => {
        const lines = places.map((place) => `#: ${place.replace(`${app}/`, '')}\n`).join('');
        return `\n${lines}msgid "${quote(text)}"\nmsgstr ""\n`;
      })
      .join('')
  );
}
