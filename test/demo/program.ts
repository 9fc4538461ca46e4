// The demo from the bundle, as a process of its own with a folder of its own for temporary files.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';

export const program = join('dist', 'turnpike.mjs');

/** A process, and what it has said. */
export class Program {
  readonly child: ChildProcess;
  /** The exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals | null>;
  out = '';
  err = '';
  #heard = () => {};

  /** @param temp where it keeps temporary files */
  constructor(command: string, args: readonly string[], temp: string, env: NodeJS.ProcessEnv = {}) {
    const { PATH } = process.env;
    this.child = spawn(command, args, { env: { PATH, TMPDIR: temp, ...env } });
    this.child.stdout!.on('data', (chunk) => this.#hear('out', chunk));
    this.child.stderr!.on('data', (chunk) => this.#hear('err', chunk));
    this.ended = new Promise((resolve) =>
      this.child.once('close', (code, signal) => resolve(code ?? signal)),
    );
  }

  /** `turnpike ARGS`. */
  static turnpike(temp: string, args: readonly string[], env?: NodeJS.ProcessEnv): Program {
    return new Program(process.execPath, [program, ...args], temp, env);
  }

  /** Resolves when it has said such a thing on either output; rejects when it ends without. */
  says(what: RegExp): Promise<void> {
    const said = new Promise<void>((resolve) => {
      this.#heard = () => {
        if (what.test(this.out) || what.test(this.err)) resolve();
      };
      this.#heard();
    });
    const silent = this.ended.then((code) => {
      throw new Error(`ended with ${code} and never said ${what}: ${this.out}${this.err}`);
    });
    silent.catch(() => {});
    return Promise.race([said, silent]);
  }

  #hear(where: 'out' | 'err', chunk: Buffer): void {
    this[where] += chunk;
    this.#heard();
  }
}

/** A new folder for each test of the file. */
export function withFolder(use: (folder: string) => void): void {
  let folder: string;
  test.before.each(() => {
    folder = mkdtempSync(join(tmpdir(), 'turnpike-'));
    use(folder);
  });
  test.after.each(() => rmSync(folder, { recursive: true }));
}
