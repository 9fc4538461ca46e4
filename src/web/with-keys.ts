import { type Catalogue, en } from './languages/en.js';

/**
 * A catalogue of the bundle: its sentences, a line each, in the order of the English ones. Behind `\u0900` the letters of
 * Devanagari lie lower, where UTF-8 has two bytes for each and not three.
 */
export function withKeys(sentences: string): Catalogue {
  const moved = (letter: string) => String.fromCharCode(letter.charCodeAt(0) + 0x880);
  const text = sentences.startsWith('\u0900')
    ? sentences.slice(1).replace(/[\u0080-\u00ff]/g, moved)
    : sentences;
  const lines = text.split('\n');
  return Object.fromEntries(Object.keys(en).map((key, at) => [key, lines[at]])) as Catalogue;
}
