// Runs test files, two at a time, each in a process of its own.
//   node test/run.mjs [--system] [--list] [store/journal | store | a word in the path | src/store/journal.ts ...]
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { transpile } from '../build.mjs';
import { endAll, runFile, testsIn } from './runner/file.mjs';
import { select } from './runner/select.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
/** What is less than this is no sign that a file hangs, in ms of an idle machine. */
const silenceMs = 120_000;

const { values, positionals } = parseArgs({
  options: { system: { type: 'boolean', default: false }, list: { type: 'boolean', default: false } },
  allowPositionals: true,
});

/** Translates the sources into a folder of their own, which goes with this process. */
async function translated() {
  mkdirSync(join(root, 'build'), { recursive: true });
  const build = mkdtempSync(join(root, 'build', 'test-'));
  process.on('exit', () => {
    endAll();
    rmSync(build, { recursive: true, force: true });
  });
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1));
  await transpile(build);
  return build;
}

/** Runs a file and prints what came of it. */
async function report(file, build) {
  const began = performance.now();
  const js = join(build, 'test', file.replace(/\.ts$/, '.js'));
  const holds = testsIn(join(root, 'test', file));
  const { out, passed, failed, skipped, faults } = await runFile({ js, holds, cwd: root, silenceMs });
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  const isGood = faults.length === 0;
  process.stdout.write(isGood ? out.replace(/^.*(Total|Passed|Skipped|Duration):.*\n|^[•\s]*\n/gm, '') : out);
  const skips = skipped > 0 ? `, ${skipped} skipped` : '';
  console.log(`${isGood ? 'ok  ' : 'FAIL'} ${file} ${passed}${skips} in ${seconds} s`);
  for (const fault of faults) console.log(`     ${file}: ${fault}`);
  return { passed, failed, skipped };
}

async function runAll(files, build) {
  const sums = { passed: 0, failed: 0, skipped: 0 };
  const queue = [...files];
  const lane = async () => {
    for (let file = queue.shift(); file !== undefined; file = queue.shift()) {
      const { passed, failed, skipped } = await report(file, build);
      sums.passed += passed;
      sums.failed += failed;
      sums.skipped += skipped;
    }
  };
  // The system tests have the network of the machine for themselves.
  await Promise.all(values.system ? [lane()] : [lane(), lane()]);
  return sums;
}

const { files, complaint } = select(positionals, values.system, join(root, 'test'));
if (complaint) {
  console.error(complaint);
  process.exitCode = 2;
} else if (values.list) {
  console.log(files.join('\n'));
} else {
  const { passed, failed, skipped } = await runAll(files, await translated());
  console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
  process.exitCode = failed > 0 || passed + skipped === 0 ? 1 : 0;
}
