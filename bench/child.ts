import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';

/** A helper that runs as a process of its own, so that its work is not in the measure. */
export interface Helper {
  readonly pid: number;
  /** Sends a message and waits for the answer: one at a time. */
  ask<Answer>(message: object): Promise<Answer>;
  stop(): Promise<void>;
}

/**
 * Starts a helper's file of this build and waits until it says that it is ready.
 * @param network a process in whose network namespace it is to be, as root
 */
export async function startHelper(
  file: string,
  args: readonly string[],
  execArgv: readonly string[] = [],
  network?: number,
): Promise<Helper> {
  const enter = ['--target', `${network}`, '--net', '--', process.execPath];
  const child = fork(new URL(file, import.meta.url), [...args], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    ...(network !== undefined && { execPath: 'nsenter' }),
    // As this process was started: on an emulated processor the helpers are, too.
    execArgv: [...(network === undefined ? [] : enter), ...process.execArgv, ...execArgv],
  });
  await answerOf(child);
  return {
    pid: child.pid!,
    async ask<Answer>(message: object) {
      const answer = answerOf(child);
      child.send(message);
      return (await answer) as Answer;
    },
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.kill();
      await ended;
    },
  };
}

function answerOf(child: ChildProcess): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const ended = (code: number | null) => reject(new Error(`a helper ended with ${code}`));
    child.once('exit', ended);
    child.once('message', (message) => {
      child.off('exit', ended);
      resolve(message);
    });
  });
}

/** In the helper: tells the parent that it is ready, and answers what it asks. */
export function serve(answer: (message: never) => unknown): void {
  process.on('message', (message) => {
    void Promise.resolve(answer(message as never)).then((result) => process.send?.(result ?? null));
  });
  // Never without its parent.
  process.on('disconnect', () => process.exit());
  process.send?.('ready');
}
