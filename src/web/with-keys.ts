import { type Catalogue, en } from './languages/en.js';

/** A catalogue of the bundle: its sentences, a line each, in the order of the English ones. */
export function withKeys(sentences: string): Catalogue {
  const lines = sentences.split('\n');
  return Object.fromEntries(Object.keys(en).map((key, at) => [key, lines[at]])) as Catalogue;
}
