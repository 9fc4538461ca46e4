// Runs the test files, each in a process of its own, and believes none of them without a count:
// uvu alone exits 0 for a file that ran no test or whose `before` hook threw.
//   node test/run.mjs [--system] [word in the path ...]
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { transpile } from '../build.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const args = process.argv.slice(2);
const system = args.includes('--system');
const words = args.filter((a) => !a.startsWith('--'));
const limitMs = system ? 300_000 : 120_000;

function testFiles() {
  return readdirSync(join(root, 'test'), { recursive: true })
    .map(String)
    .filter((f) => f.endsWith('.test.ts') && f.startsWith('system/') === system)
    .filter((f) => words.length === 0 || words.some((w) => f.includes(w)))
    .sort();
}

/** Tests that stand in the source: a file that reports fewer has lost some on the way. */
function written(file) {
  return readFileSync(join(root, 'test', file), 'utf8').match(/^\s*test\(/gm)?.length ?? 0;
}

/** Process groups that are running: they end with the runner. */
const groups = new Set();

function run(file, build) {
  const js = join(build, 'test', file.replace(/\.ts$/, '.js'));
  const child = spawn(process.execPath, ['--enable-source-maps', js], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NO_COLOR: '1', NODE_ENV: 'test' },
    detached: true,
  });
  groups.add(child.pid);
  let out = '';
  child.stdout.on('data', (d) => {
    out += d;
  });
  child.stderr.on('data', (d) => {
    out += d;
  });
  return new Promise((resolve) => {
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      process.kill(-child.pid, 'SIGTERM');
      setTimeout(() => killGroup(child.pid), 5_000).unref();
    }, limitMs);
    child.on('exit', (code, signal) => {
      clearTimeout(timer);
      groups.delete(child.pid);
      const left = killGroup(child.pid);
      resolve({ file, out, ...verdict(file, out, code, signal, late, left) });
    });
  });
}

/** Ends what a test left behind in its process group; true if there was anything alive. */
function killGroup(pid) {
  const alive = hasLiving(pid);
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    return false;
  }
  return alive;
}

/** A process that has ended and that nobody has asked after yet is in its group, and no more than that. */
function hasLiving(group) {
  const members = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return members.some((pid) => {
    try {
      // proc(5): pid (name) state parent group
      const [state, , pgrp] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1).split(' ');
      return Number(pgrp) === group && state !== 'Z';
    } catch {
      return false;
    }
  });
}

function verdict(file, out, code, signal, late, left) {
  const sum = (word) =>
    [...out.matchAll(new RegExp(`^\\s*${word}:\\s+(\\d+)`, 'gm'))].reduce((a, m) => a + Number(m[1]), 0);
  const total = sum('Total');
  const passed = sum('Passed');
  const faults = [];
  if (late) faults.push(`not done after ${limitMs / 1000} s`);
  if (code !== 0) faults.push(signal ? `ended by ${signal}` : `exit code ${code}`);
  if (total === 0) faults.push('ran no test');
  if (passed !== total) faults.push(`${total - passed} of ${total} failed`);
  if (total < written(file)) faults.push(`ran ${total} of the ${written(file)} tests that it holds`);
  if (left) faults.push('left processes behind');
  const failed = Math.max(total - passed, faults.length > 0 ? 1 : 0);
  return { passed: faults.length > 0 && passed === total ? Math.max(0, passed - 1) : passed, failed, faults };
}

async function main() {
  mkdirSync(join(root, 'build'), { recursive: true });
  const build = mkdtempSync(join(root, 'build', 'test-'));
  process.on('exit', () => {
    for (const pid of groups) killGroup(pid);
    rmSync(build, { recursive: true, force: true });
  });
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1));
  await transpile(build);
  const queue = testFiles();
  let passed = 0;
  let failed = 0;
  const lane = async () => {
    for (let file = queue.shift(); file !== undefined; file = queue.shift()) {
      const started = process.hrtime.bigint();
      const r = await run(file, build);
      const seconds = Number(process.hrtime.bigint() - started) / 1e9;
      passed += r.passed;
      failed += r.failed;
      if (r.faults.length > 0) process.stdout.write(r.out);
      else process.stdout.write(r.out.replace(/^.*(Total|Passed|Skipped|Duration):.*\n|^[•\s]*\n/gm, ''));
      console.log(`${r.faults.length > 0 ? 'FAIL' : 'ok  '} ${file} ${r.passed} in ${seconds.toFixed(1)} s`);
      for (const fault of r.faults) console.log(`     ${file}: ${fault}`);
    }
  };
  await Promise.all(system ? [lane()] : [lane(), lane()]);
  if (passed + failed === 0) failed = 1;
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed > 0 ? 1 : 0;
}

await main();
