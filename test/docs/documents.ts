// The documents of the project, as their tests read them.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const notOurs = ['node_modules', 'build', 'dist', 'dist-packages', '.git'];

/** Every Markdown file of the project, by its path from the root. */
export function documents(folder = '.'): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return notOurs.includes(entry.name) ? [] : documents(path);
    return entry.name.endsWith('.md') ? [path] : [];
  });
}

/** The text of a document without what stands in its code blocks. */
export function proseOf(file: string): string {
  return readFileSync(file, 'utf8').replace(/^```.*?^```/gms, '');
}

/** The targets of a document's links and pictures. */
export function targetsOf(file: string): string[] {
  return [...proseOf(file).matchAll(/\]\(([^)\s]+)\)/g)].map((match) => match[1]!);
}

/** The anchors of a document's headings, as code hosts make them. */
export function anchorsOf(file: string): string[] {
  const seen = new Map<string, number>();
  return [...proseOf(file).matchAll(/^#{1,6} (.+)$/gm)].map((match) => {
    const slug = slugOf(match[1]!);
    const before = seen.get(slug) ?? 0;
    seen.set(slug, before + 1);
    return before === 0 ? slug : `${slug}-${before}`;
  });
}

function slugOf(heading: string): string {
  const text = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase();
  return text.replace(/[^\p{L}\p{N} _-]/gu, '').replaceAll(' ', '-');
}

/** Texts that stand as code in a document's prose. */
export function codeIn(file: string): string[] {
  return [...proseOf(file).matchAll(/`([^`]+)`/g)].map((match) => match[1]!);
}
