import { execFile } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { mostReplyBytes } from './connection.js';
import { NdsctlError } from './error.js';
import type { Patience } from './patience.js';

/** How openNDS's command ends while another one is at work. */
const exitBusy = 4;
const againMs = 200;
/** The command's own start takes longer than a socket's reply. */
const startMs = 5_000;

export interface CommandOptions {
  readonly patience: Patience;
  readonly signal: AbortSignal | undefined;
}

/** Asks by the portal's command, again and again while another one is at work. @throws {@link NdsctlError} */
export async function askCommand(file: string, command: string, options: CommandOptions): Promise<Buffer> {
  const { patience, signal } = options;
  const until = performance.now() + patience.turnMs;
  for (;;) {
    const reply = await run(file, command, options);
    if (reply) return reply;
    if (performance.now() > until) throw new NdsctlError('busy', `${file}: another one is at work`);
    await pause(againMs, undefined, { signal }).catch(() => {
      throw new NdsctlError('aborted', 'the request was called off');
    });
  }
}

/** @returns undefined while another command is at work */
function run(file: string, command: string, options: CommandOptions): Promise<Buffer | undefined> {
  const { patience, signal } = options;
  const [verb, argument] = command.split(' ') as [string, string | undefined];
  const args = argument === undefined ? [verb] : [verb, argument];
  const timeout = patience.wholeMs + startMs;
  return new Promise((resolve, reject) => {
    // No shell: the arguments reach the command as they are.
    const settings = { encoding: 'buffer', maxBuffer: mostReplyBytes, timeout, signal } as const;
    execFile(file, args, settings, (cause, stdout) => {
      if (!cause) return resolve(stdout);
      if (signal?.aborted) return reject(new NdsctlError('aborted', 'the request was called off', { cause }));
      if (cause.code === 'ENOENT') return reject(new NdsctlError('absent', `there is no ${file}`, { cause }));
      if (cause.killed) return reject(new NdsctlError('timeout', `${file} gave no reply`, { cause }));
      if (Number(cause.code) === exitBusy) return resolve(undefined);
      // ndsctl exits with 1 for `No` and says so.
      if (stdout.length > 0) return resolve(stdout);
      reject(new NdsctlError('failed', `${file} ${verb}: ${cause.message.split('\n')[0]}`, { cause }));
    });
  });
}
