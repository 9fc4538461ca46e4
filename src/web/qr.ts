import { encode } from 'uqr';
import { type Html, html } from './html.js';

/** Modules of white around a code: less is not read (ISO/IEC 18004). */
const edge = 4;
/** Codes that are kept: a page without a script asks for the same one every few seconds. */
const mostKept = 32;
const kept = new Map<string, { readonly size: number; readonly path: string }>();

/** A QR code as a picture. @param label what it says to those who do not see it */
export function qrOf(text: string, label: string): Html {
  const { size, path } = kept.get(text) ?? drawn(text);
  const wide = size + 2 * edge;
  return html`<svg class="q" viewBox="0 0 ${wide} ${wide}" role="img" aria-label="${label}"><path fill="#fff" d="M0,0h${wide}v${wide}h-${wide}z"/><path fill="#000" shape-rendering="crispEdges" d="${path}"/></svg>`;
}

function drawn(text: string) {
  const { size, data } = encode(text, { border: 0, ecc: 'L' });
  const squares = data.flatMap((row, y) =>
    row.map((isDark, x) => (isDark ? `M${x + edge},${y + edge}h1v1h-1z` : '')),
  );
  const made = { size, path: squares.join('') };
  const [oldest] = kept.keys();
  if (oldest !== undefined && kept.size >= mostKept) kept.delete(oldest);
  kept.set(text, made);
  return made;
}
