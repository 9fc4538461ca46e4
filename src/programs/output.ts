import { type Command, type Ended, Shell, ShellGone } from './shell.js';
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

/**
 * What a program prints, to its end. `name`: in complaints.
 * @throws {@link ProgramError}
 */
export async function outputOf(name: string, program: Program): Promise<Buffer> {
  const { status, out, complaint, killed } = await endOf(program);
  if (killed === 'late')
    throw new ProgramError('timeout', `${name} was not done within ${program.limitMs / 1000} s`);
  if (killed) throw new ProgramError('timeout', `${name} prints without end`);
  if (status === 0) return out;
  if (status === 127) throw notStarted(program.file, 'missing', 'not found');
  if (status === 126) throw notStarted(program.file, 'missing', 'it may not be run');
  throw new ProgramError('refused', complaint.trim().split('\n')[0] || `${name} ended with ${status}`);
}

/** Why something that begins with a program's output gave nothing. */
export function reasonOf(cause: unknown): ProgramError['code'] {
  return cause instanceof ProgramError ? cause.code : 'refused';
}

async function endOf(program: Program): Promise<Ended> {
  const { file, args, script, limitMs, started } = program;
  const waiting = free();
  let shell: Shell | undefined;
  try {
    shell = waiting ?? new Shell();
    return await shell.run({ file, args, script, limitMs, started, mostBytes });
  } catch (cause) {
    // One that waited may have been killed without our knowing it.
    if (waiting && cause instanceof ShellGone && !cause.hasBegun) return await endOf(program);
    throw notStarted(file, mayPass(cause) ? 'failed' : 'missing', (cause as Error).message, cause);
  } finally {
    if (shell?.isFit && idle.length < mostIdle) idle.push(shell);
    else shell?.end();
  }
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
