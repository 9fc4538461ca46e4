// The collector as a process of its own, and what it wrote down.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { inTime } from '../rig/until.js';

const bundle = join(process.cwd(), 'dist', 'turnpike.mjs');

export class Collector {
  readonly #args: readonly string[];
  #child: ChildProcess | undefined;
  #log = '';

  /** `args`: of `turnpike collect`. */
  constructor(args: readonly string[]) {
    this.#args = args;
  }

  get log(): string {
    return this.#log;
  }

  /** Resolves when it is subscribed. */
  async start(): Promise<void> {
    const began = this.#log.length;
    const child = spawn(process.execPath, [bundle, 'collect', ...this.#args], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.#child = child;
    const up = new Promise<void>((resolve, reject) => {
      child.stderr!.on('data', (chunk) => {
        this.#log += chunk;
        if (this.#log.slice(began).includes('collecting from')) resolve();
      });
      child.once('exit', (code) => reject(new Error(`the collector ended with ${code}: ${this.#log}`)));
    });
    await inTime('the collector', up, () => this.#log);
  }

  /** @returns the exit code; null for one that was killed, or is not there. */
  async end(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<number | null> {
    const child = this.#child;
    this.#child = undefined;
    if (!child || child.exitCode !== null || child.signalCode !== null) return null;
    const ended = once(child, 'exit');
    child.kill(signal);
    return (await ended)[0] as number | null;
  }
}

/** The report of a database as lines with names, all of them text. */
export function reportOf(database: string, by: 'router' | 'session' | 'day'): Record<string, string>[] {
  const out = execFileSync(
    process.execPath,
    [bundle, 'collect', '--csv', '--by', by, '--database', database],
    {
      encoding: 'utf8',
      maxBuffer: 1 << 26,
    },
  );
  const [head = '', ...lines] = out.trim().split('\r\n');
  const names = head.split(',');
  return lines.map((line) => Object.fromEntries(line.split(',').map((cell, i) => [names[i]!, cell])));
}
