// The built program, run as somebody runs it: by its command line, through real pipes.
import { type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

export const program = join(process.cwd(), 'dist', 'turnpike.mjs');

/** What a program did. */
export interface Ran {
  readonly status: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs `turnpike ARGS`. */
export function turnpike(...args: string[]): Promise<Ran> {
  return run(process.execPath, [program, ...args]);
}

/** Runs a line of bash, in which `turnpike` is the program. */
export function shell(line: string): Promise<Ran> {
  return run('bash', ['-c', `turnpike() { '${process.execPath}' '${program}' "$@"; }\n${line}`]);
}

export async function run(file: string, args: readonly string[], options: SpawnOptions = {}): Promise<Ran> {
  const child = spawn(file, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  const [out, err, [status]] = await Promise.all([
    text(child.stdout!),
    text(child.stderr!),
    once(child, 'close') as Promise<[number | null]>,
  ]);
  return { status, out, err };
}
