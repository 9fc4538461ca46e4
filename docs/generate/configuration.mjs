// Writes docs/configuration.md and the comments of the shipped file from the tables of options.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { transpile } from '../../build.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
mkdirSync(join(root, 'build'), { recursive: true });
const build = mkdtempSync(join(root, 'build', 'docs-'));
process.on('exit', () => rmSync(build, { recursive: true, force: true }));
await transpile(build);
const { documents } = await import(join(build, 'packages/documents/documents.js'));
for (const [file, write] of documents) {
  mkdirSync(dirname(join(root, file)), { recursive: true });
  writeFileSync(join(root, file), write());
  console.log(file);
}
