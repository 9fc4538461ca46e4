import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';

/** Undoes one thing that was started. */
export type End = () => unknown;

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** A signal that comes so many ms after the first one, or later, ends the process at once. npm repeats the first one. */
const insistMs = 1000;

/** Hears that the demo is to end: a signal came, or nobody reads any more what it prints. */
export class Ending {
  readonly #controller = new AbortController();
  /** When the first signal came, on the monotonic clock. */
  #first: number | undefined;
  /** 128 and the signal's number, as a shell has it; 0 while no signal has come. */
  exitCode = 0;

  constructor() {
    for (const name of signals) process.on(name, this.#stop);
    // These stay: what is printed at the end may find the pipe closed, too.
    for (const stream of [process.stdout, process.stderr]) stream.on('error', () => this.#controller.abort());
  }

  /** Aborted once the demo is to end. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Leaves signals to Node again. */
  release(): void {
    for (const name of signals) process.off(name, this.#stop);
  }

  readonly #stop = (name: NodeJS.Signals): void => {
    this.exitCode = 128 + constants.signals[name];
    this.#first ??= performance.now();
    if (performance.now() - this.#first >= insistMs) process.exit(this.exitCode);
    this.#controller.abort(new Error(`ended by ${name}`));
  };
}

/** Runs `play`, then undoes what it has put into `ends`, the last first, whatever happened. */
export async function stage<T>(play: (ends: End[]) => Promise<T>): Promise<T> {
  const ends: End[] = [];
  try {
    return await play(ends);
  } finally {
    for (const end of ends.reverse()) {
      try {
        await end();
      } catch (cause) {
        process.stderr.write(`turnpike demo: ${cause}\n`);
      }
    }
  }
}

/** A directory that nobody else may enter, gone in the end. */
export function privateFolder(ends: End[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'turnpike-demo-'));
  // The portal's own configuration, with nothing in it: all of it has its default.
  writeFileSync(join(folder, 'portal'), '');
  const remove = () => rmSync(folder, { recursive: true, force: true });
  ends.push(remove);
  process.once('exit', remove);
  return folder;
}
