import { resolve } from 'node:path';
import type { Command } from './lines.js';
import { type Ended, Shell, ShellGone, shellFile } from './shell.js';
import { mayPass } from './start.js';

/**
 * Why a program gave no output. `missing`: it cannot be started. `failed`: not for now, as without memory. `refused`: it
 * said no, see the message.
 */
export class ProgramError extends Error {
  readonly code: 'missing' | 'failed' | 'refused' | 'timeout';

  constructor(code: ProgramError['code'], message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'ProgramError';
    this.code = code;
  }
}

/** A program, and how long it may take. */
export type Program = Omit<Command, 'mostBytes'>;

/** Longest output that is taken, in bytes: the table of 10,000 sessions, as JSON, is a tenth of it. */
const mostBytes = 64 * 1024 * 1024;
/** So many shells wait for work in each thread: of more, one would wait for most of its life. */
const mostIdle = 2;
const idle: Shell[] = [];
/** Shells that are not gone yet. */
const ending = new Set<Promise<void>>();

/**
 * What a program prints, to its end. `name`: in complaints.
 * @throws {@link ProgramError}
 */
export async function outputOf(name: string, asked: Program): Promise<Buffer> {
  if ([...asked.args, asked.script ?? ''].some((text) => text.includes('\0')))
    throw new ProgramError('refused', `${name} cannot be given a NUL`);
  // The shell is elsewhere.
  const file = asked.file.includes('/') ? resolve(asked.file) : asked.file;
  const { status, out, complaint, killed } = await endOf({ ...asked, file });
  if (status === 0 && killed !== 'endless') return out;
  if (killed === 'endless') throw new ProgramError('timeout', `${name} prints without end`);
  if (killed) throw new ProgramError('timeout', `${name} was not done within ${asked.limitMs / 1000} s`);
  const said = complaint.trim().split('\n')[0]!;
  if (said.startsWith(`${shellFile}: `)) throw ofTheShell(file, status, said);
  throw new ProgramError('refused', said || `${name} ended with ${status}`);
}

/** It is the shell that complains: there is no such program, or nothing is left to start it with. */
function ofTheShell(file: string, status: number, said: string): ProgramError {
  const isMissing =
    (status === 127 || status === 126) &&
    /not found|No such file|Permission denied|Exec format error/.test(said);
  return notStarted(file, isMissing ? 'missing' : 'failed', said.split(': ').at(-1)!);
}

/** Why something that begins with a program's output gave nothing. */
export function reasonOf(cause: unknown): ProgramError['code'] {
  return cause instanceof ProgramError ? cause.code : 'refused';
}

async function endOf(asked: Program): Promise<Ended> {
  const { file, args, script, limitMs, started } = asked;
  const waiting = free();
  let shell: Shell | undefined;
  try {
    shell = waiting ?? new Shell();
    return await shell.run({ file, args, script, limitMs, started, mostBytes });
  } catch (cause) {
    // One that waited may have been killed without our knowing it. What is written is not written twice.
    if (waiting && !script && cause instanceof ShellGone && !cause.hasBegun) return await endOf(asked);
    const { message } = cause as Error;
    if (cause instanceof ShellGone && cause.hasBegun)
      throw new ProgramError('failed', `${file}: ${message}`, cause);
    throw notStarted(file, mayPass(cause) ? 'failed' : 'missing', message, cause);
  } finally {
    if (shell?.isFit && idle.length < mostIdle) idle.push(shell);
    else if (shell) leave(shell);
  }
}

/** Ends the shells of this thread that wait: nobody would collect those of a thread that has ended. */
export async function endShells(): Promise<void> {
  for (const shell of idle.splice(0)) leave(shell);
  await Promise.all(ending);
}

function leave(shell: Shell): void {
  const gone = shell.end().finally(() => ending.delete(gone));
  ending.add(gone);
}

/** A shell that waits. */
function free(): Shell | undefined {
  let shell = idle.pop();
  while (shell && !shell.isFit) shell = idle.pop();
  return shell;
}

function notStarted(file: string, code: 'missing' | 'failed', why: string, cause?: unknown): ProgramError {
  return new ProgramError(code, `cannot start ${file}: ${why}`, cause);
}
