// Translates the tests and runs a program among them: node test/script.mjs campaign/main.js ARGUMENTS
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { transpile } from '../build.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
mkdirSync(join(root, 'build'), { recursive: true });
const build = mkdtempSync(join(root, 'build', 'script-'));
process.on('exit', () => rmSync(build, { recursive: true, force: true }));
await transpile(build);
const [program, ...args] = process.argv.slice(2);
const main = join(build, 'test', program);
const child = spawn(process.execPath, ['--enable-source-maps', main, ...args], {
  cwd: root,
  stdio: 'inherit',
});
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
child.on('exit', (code) => {
  process.exitCode = code ?? 1;
});
