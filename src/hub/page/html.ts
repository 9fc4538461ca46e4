/** Text that is HTML already. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Makes HTML; whatever is put in, and is none, shows as it is. */
export function html(pieces: TemplateStringsArray, ...values: readonly unknown[]): Html {
  const inserted = values.map((value) => textOf(value));
  return new Html(pieces.map((piece, i) => piece + (inserted[i] ?? '')).join(''));
}

function textOf(value: unknown): string {
  if (value instanceof Html) return value.text;
  if (Array.isArray(value)) return value.map(textOf).join('');
  return String(value).replace(/[&<>"']/g, (sign) => escapes[sign]!);
}
