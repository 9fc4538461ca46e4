import { type ChildProcess, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';

/** A program that runs, or that tells with an event `error` why it does not. */
export interface Started extends ChildProcess {
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
}

/** Codes of an error by which no process can be made for now: too many are there, or no memory, or no descriptor. */
const passing: readonly unknown[] = ['EAGAIN', 'ENOMEM', 'EMFILE', 'ENFILE'];

/** A program that was not started for this reason may be the next time. */
export function mayPass(cause: unknown): boolean {
  return passing.includes((cause as { code?: unknown } | undefined)?.code);
}

/** How a program is started. */
export interface StartOptions {
  /** It has a fourth one, in `stdio`. @default 3 */
  readonly streams?: 3 | 4;
  /** Signals of a terminal (Ctrl-C) reach us alone. */
  readonly detached?: boolean;
  /** @default ours */
  readonly cwd?: string;
}

/**
 * Starts a program with a pipe for each of its streams, and no shell in between.
 * @throws an error with a `code` when no process or no pipe can be made now: no memory, no file descriptor
 */
export function start(
  file: string,
  args: readonly string[],
  { streams = 3, ...options }: StartOptions = {},
): Started {
  const child: ChildProcess = spawn(file, args, { ...options, stdio: Array<'pipe'>(streams).fill('pipe') });
  if (child.stdout) return child as Started;
  // Without a file descriptor Node makes no pipes, and tells why only later.
  child.once('error', () => {});
  throw Object.assign(new Error(`spawn ${file} EMFILE`), { code: 'EMFILE' });
}
