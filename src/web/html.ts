/** Text that is HTML already. */
export interface Html {
  readonly html: string;
}

/** What may stand in a gap of {@link html}: text is shown as it is, lists one after the other, the rest not at all. */
export type Part = Html | string | number | undefined | false | readonly Part[];

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** A text that a browser shows as it is, in an element or a quoted attribute. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (letter) => entities[letter]!);
}

/** A piece of a page: the literal is HTML, and what stands in its gaps is text, unless it was made here too. */
export function html(literal: TemplateStringsArray, ...parts: readonly Part[]): Html {
  const pieces = parts.map((part, at) => written(part) + literal[at + 1]);
  return { html: literal[0] + pieces.join('') };
}

function written(part: Part): string {
  if (part === undefined || part === false) return '';
  if (typeof part === 'string') return escapeHtml(part);
  if (typeof part === 'number') return String(part);
  if ('html' in part) return part.html;
  return part.map(written).join('');
}
