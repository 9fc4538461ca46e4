import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RigError } from './room.js';

/** A server program as it is started, the same each time. */
export interface ServerProgram {
  /** For people. */
  readonly name: string;
  /** Program and arguments. `dir` is the directory of its files. */
  readonly command: (dir: string) => readonly [string, ...string[]];
  /** What it says when it is there. */
  readonly ready: RegExp;
}

/** A real server of another project, with files of its own, that ends with this process, however that ends. */
export class Server {
  /** Its files. */
  readonly dir: string = mkdtempSync(join(tmpdir(), 'turnpike-server-'));
  readonly #program: ServerProgram;
  #child: ChildProcess | undefined;
  #log = '';

  constructor(program: ServerProgram) {
    this.#program = program;
  }

  /**
   * Writes its files and starts it for the first time.
   * @throws {@link RigError} `no-start`, and leaves nothing behind.
   */
  async begin(files: Readonly<Record<string, string>>): Promise<void> {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(this.dir, name), text);
    try {
      await this.start();
    } catch (error) {
      rmSync(this.dir, { recursive: true });
      // uvu says nothing of what a `before` threw.
      console.error(`${this.#program.name} is not there: ${(error as Error).message}`);
      throw error;
    }
  }

  /** What it said so far, for the report of a failure. */
  get log(): string {
    return this.#log;
  }

  /** Starts it, also again after it was ended. Resolves when it is there. @throws {@link RigError} `no-start` */
  async start(): Promise<void> {
    const { name, command, ready } = this.#program;
    const args = ['--pdeathsig', 'KILL', ...command(this.dir)];
    const child = spawn('setpriv', args, { stdio: ['ignore', 'pipe', 'pipe'] });
    this.#child = child;
    const began = this.#log.length;
    const isReady = new Promise<boolean>((resolve) => {
      const said = (chunk: Buffer) => {
        this.#log += chunk;
        if (ready.test(this.#log.slice(began))) resolve(true);
      };
      child.stdout.on('data', said);
      child.stderr.on('data', said);
      child.once('error', () => resolve(false));
      child.once('exit', () => resolve(false));
    });
    if (!(await isReady)) throw new RigError('no-start', `${name} ended: ${this.#log.slice(began)}`);
  }

  /** Ends it as its service does, or with no time to tidy. Resolves when it is gone. */
  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGCONT');
    child.kill(signal);
    await ended;
  }

  /** It takes nothing and says nothing until {@link resume}, as if the way there were cut. */
  pause(): void {
    this.#child?.kill('SIGSTOP');
  }

  resume(): void {
    this.#child?.kill('SIGCONT');
  }

  /** Ends it and removes its files. */
  async close(): Promise<void> {
    await this.end('SIGTERM');
    rmSync(this.dir, { recursive: true, force: true });
  }
}
