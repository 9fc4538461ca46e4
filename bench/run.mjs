// Translates the sources, builds the bundle and runs a benchmark: `npm run bench [-- --quick]`, `npm run bench:fleet`,
// `npm run bench:web`, `npm run bench:gates`, `npm run bench:years`, `npm run bench:memory`, `npm run bench:runtimes`,
// `npm run bench:processors`.
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundle, transpile } from '../build.mjs';
import { pageBytes } from '../page-bundle.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
mkdirSync(join(root, 'build'), { recursive: true });
const build = mkdtempSync(join(root, 'build', 'bench-'));
process.on('exit', () => rmSync(build, { recursive: true, force: true }));
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1));
const made = await bundle();
await transpile(build, ['bench']);
const others = {
  fleet: 'fleet.js',
  web: 'web-campaign.js',
  gates: 'gates.js',
  memory: 'memory.js',
  processors: 'processors.js',
  runtimes: 'runtimes.js',
  years: 'years.js',
};
const other = others[process.argv[2]];
const [program, args] = other ? [other, process.argv.slice(3)] : ['run.js', process.argv.slice(2)];
const child = spawn(process.execPath, [join(build, 'bench', program), ...args], {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, PAGE_BYTES: String(pageBytes(made)) },
});
child.on('exit', (code) => process.exit(code ?? 1));
