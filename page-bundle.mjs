// The customers' page in the router's bundle: its catalogues without their keys, and how many bytes it adds.
import { readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { transform } from 'esbuild';

/** The catalogues: all but the English one lose their keys. */
const folder = /[/\\]src[/\\]web[/\\]languages[/\\][\w-]+\.ts$/;
/** The page's own files. */
const pages = /^src\/(?:web\/|wiring\/web(?:-features)?\.ts$)/;

/** What a file of constants exports. */
async function exportsOf(path) {
  const { code } = await transform(readFileSync(path, 'utf8'), { loader: 'ts', format: 'esm' });
  return import(`data:text/javascript;base64,${Buffer.from(code).toString('base64')}`);
}

/**
 * A catalogue as a module that has its sentences alone, in the order of the English ones: the keys are a quarter of it.
 * @throws Error for one that lacks a sentence, or has one of several lines
 */
export async function withoutKeys(path) {
  const { en } = await exportsOf(join(dirname(path), 'en.ts'));
  const [[name, catalogue]] = Object.entries(await exportsOf(path));
  const sentences = Object.keys(en).map((key) => {
    if (/^[^\n]+$/.test(catalogue[key] ?? '')) return catalogue[key];
    throw new Error(`${path}: ${key} is no sentence of one line`);
  });
  return `import { withKeys } from '../with-keys.js';
export const ${name} = withKeys(${JSON.stringify(shortened(sentences.join('\n')))});
`;
}

/**
 * A text in Devanagari with its letters moved to where UTF-8 has two bytes for each, in the place of three, behind the
 * sign of that; any other as it is.
 */
function shortened(text) {
  if (!/[\u0900-\u097f]/.test(text) || /[\u0080-\u00ff]/.test(text)) return text;
  const moved = (letter) => String.fromCharCode(letter.charCodeAt(0) - 0x880);
  return `\u0900${text.replace(/[\u0900-\u097f]/g, moved)}`;
}

/** For esbuild. */
export const catalogues = {
  name: 'catalogues',
  setup({ onLoad }) {
    onLoad({ filter: folder }, async ({ path }) => {
      if (basename(path) === 'en.ts') return undefined;
      return { contents: await withoutKeys(path), resolveDir: dirname(path), loader: 'ts' };
    });
  },
};

/**
 * Bytes that the page adds to the installed package: its own files, with the routes of x402 and TollGate, and packages
 * of npm's that nobody else imports. A chunk with nothing else in it counts with all that is around them.
 * @param metafile of esbuild
 */
export function pageBytes({ inputs, outputs }) {
  const own = ownOf(inputs);
  return Object.values(outputs).reduce((sum, { bytes, inputs: parts }) => {
    const used = Object.entries(parts).filter(([, { bytesInOutput }]) => bytesInOutput > 0);
    const ours = used.filter(([path]) => own.has(path));
    if (ours.length > 0 && ours.length === used.length) return sum + bytes;
    return sum + ours.reduce((part, [, { bytesInOutput }]) => part + bytesInOutput, 0);
  }, 0);
}

/** The page's files, and those of packages that they alone import. */
function ownOf(inputs) {
  const importers = new Map(Object.keys(inputs).map((path) => [path, []]));
  for (const [path, { imports }] of Object.entries(inputs))
    for (const { path: imported } of imports) importers.get(imported)?.push(path);
  const own = new Set(Object.keys(inputs).filter((path) => pages.test(path)));
  const packages = [...importers].filter(([path]) => path.startsWith('node_modules/'));
  for (let before = -1; before < own.size; ) {
    before = own.size;
    for (const [path, by] of packages) if (by.length > 0 && by.every((one) => own.has(one))) own.add(path);
  }
  return own;
}
