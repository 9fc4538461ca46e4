import { mayPass, start } from '../src/kernel/start.js';

/** Longest output that is taken, in bytes: some 100,000 counters. */
const mostBytes = 16 * 1024 * 1024;

/** A program that is run to its end. */
export interface Program {
  readonly file: string;
  readonly args: readonly string[];
  /** It is ended after this long, in ms. */
  readonly limitMs: number;
}

/** Why a program gave no output. `missing`: it cannot be started. `failed`: not for now. `refused`: it said no. */
export function reasonOf(cause: unknown): 'missing' | 'failed' | 'refused' | 'timeout' {
  if (mayPass(cause)) return 'failed';
  const { code } = cause as { code?: string };
  return code === 'late' ? 'timeout' : code === undefined ? 'refused' : 'missing';
}

/**
 * What a program prints, with no shell in between. `name`: in complaints.
 * @throws an error of which {@link reasonOf} tells the kind
 */
export function outputOf(name: string, { file, args, limitMs }: Program): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = start(file, args);
    child.stdin.on('error', () => {});
    child.stdin.end();
    const chunks: Buffer[] = [];
    let length = 0;
    let complaint = '';
    let late: Error | undefined;
    const end = (message: string) => {
      late = Object.assign(new Error(message), { code: 'late' });
      child.kill('SIGKILL');
    };
    const timer = setTimeout(() => end(`${name} was not done within ${limitMs / 1000} s`), limitMs);
    child.stdout.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      length += chunk.length;
      if (length > mostBytes) end(`${name} prints without end`);
    });
    child.stderr.on('data', (chunk: Buffer) => {
      complaint = `${complaint}${chunk}`.slice(0, 1_000);
    });
    child.once('error', (cause) => {
      clearTimeout(timer);
      reject(cause);
    });
    child.once('close', (code) => {
      clearTimeout(timer);
      if (late) reject(late);
      else if (code === 0) resolve(Buffer.concat(chunks).toString('latin1'));
      else reject(new Error(complaint.trim().split('\n')[0] || `${name} ended with ${code}`));
    });
  });
}
