// Runs one test file in a process of its own, and believes it only as far as it counts.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync } from 'node:fs';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { endProcesses, networks, removeFolder } from './leftovers.mjs';

const tickMs = 500;
/** Between the request to end and the end, in ms: time to take away what is outside of the process. */
const graceMs = 5_000;
/** Lines that are shown of a file that fell silent. */
const lastLines = 12;

/** How many processes want each processor, one at least. */
const crowding = () => Math.max(1, loadavg()[0] / availableParallelism());

/** Test files that are running: they end with the runner. */
const running = new Set();

/** Ends all that runs, and takes away what it had. */
export function endAll() {
  for (const { group, folder } of running) {
    endProcesses(group, folder);
    removeFolder(folder);
  }
  running.clear();
}

/**
 * Runs a file to its end, or until it has said nothing for `silenceMs` of an idle machine: on one that has eight times
 * as much to do as it can, eight times as long.
 *
 * Its `TMPDIR` is its own and must be empty at the end.
 * @param js the program
 * @param holds how many tests it has at least
 * @returns what it said, how many tests passed, failed and were skipped, and what is held against it
 */
export async function runFile({ js, holds, cwd, silenceMs }) {
  const folder = mkdtempSync(join(tmpdir(), 'tt-'));
  // Some servers run as nobody, and have their files in there.
  chmodSync(folder, 0o755);
  const before = networks();
  const child = spawn(process.execPath, ['--enable-source-maps', js], {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, TMPDIR: folder, NO_COLOR: '1', NODE_ENV: 'test' },
    detached: true,
  });
  const own = { group: child.pid, folder };
  running.add(own);
  const watched = watch(child, silenceMs);
  const closed = once(child, 'close');
  const [code, signal] = await once(child, 'exit');
  running.delete(own);
  const processes = endProcesses(child.pid, folder);
  // Whoever could still write is gone: what is in the pipes is all there will be.
  await Promise.race([closed, pause(graceMs, undefined, { ref: false })]);
  const { out, silent } = watched.end();
  const left = [
    ...processes.map((command) => `process ${command}`),
    ...removeFolder(folder).map((name) => `file ${name}`),
    ...networks().filter((network) => !before.includes(network)),
  ];
  return { out, ...verdict({ out, holds, code, signal, silent, left }) };
}

/** Hears what a process says, and ends it when it falls silent. */
function watch(child, silenceMs) {
  let [out, quietMs, silent] = ['', 0, undefined];
  const hear = (chunk) => {
    out += chunk;
    quietMs = 0;
  };
  child.stdout.on('data', hear);
  child.stderr.on('data', hear);
  let kill;
  const timer = setInterval(() => {
    quietMs += tickMs / crowding();
    if (quietMs < silenceMs || silent) return;
    silent = `said nothing for ${silenceMs / 1000} s; its last lines:\n${out.trimEnd().split('\n').slice(-lastLines).join('\n')}`;
    child.kill('SIGTERM');
    kill = setTimeout(() => child.kill('SIGKILL'), graceMs);
  }, tickMs);
  const end = () => {
    clearInterval(timer);
    clearTimeout(kill);
    return { out, silent };
  };
  return { end };
}

/** uvu alone exits with 0 for a file that ran no test or whose `before` threw. */
function verdict({ out, holds, code, signal, silent, left }) {
  const sum = (word) =>
    [...out.matchAll(new RegExp(`^\\s*${word}:\\s+(\\d+)`, 'gm'))].reduce((a, m) => a + Number(m[1]), 0);
  const [total, counted, skipped] = [sum('Total'), sum('Passed'), sum('Skipped')];
  const faults = [];
  if (silent) faults.push(silent);
  if (code !== 0) faults.push(signal ? `ended by ${signal}` : `exit code ${code}`);
  if (total + skipped === 0) faults.push('ran no test');
  if (counted !== total) faults.push(`${total - counted} of ${total} failed`);
  if (total + skipped < holds) faults.push(`ran ${total + skipped} of the ${holds} tests that it holds`);
  faults.push(...left.map((what) => `left behind: ${what}`));
  const failed = Math.max(total - counted, faults.length > 0 ? 1 : 0);
  return { passed: Math.max(0, total - failed), failed, skipped, faults };
}

/** Tests that stand in the source: a file that reports fewer has lost some on the way. */
export function testsIn(source) {
  return readFileSync(source, 'utf8').match(/^\s*(test|on[A-Z]\w*)\(/gm)?.length ?? 0;
}
