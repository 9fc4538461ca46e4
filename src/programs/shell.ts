import { randomBytes } from 'node:crypto';
import type { Readable } from 'node:stream';
import { Heard } from './heard.js';
import { type Started, start } from './start.js';

/** A program with its arguments and what it reads. */
export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  /** What it reads on its standard input: text without NUL. @default nothing */
  readonly script?: string | undefined;
  /** It is killed when it prints more, in bytes. */
  readonly mostBytes: number;
  /** It is killed after this long, in ms. */
  readonly limitMs: number;
  /** Told of its process. */
  readonly started?: ((pid: number) => void) | undefined;
}

/** How a program ended. */
export interface Ended {
  /** As a shell has it: 127 when there is no such program, 126 when it may not be run. */
  readonly status: number;
  readonly out: Buffer;
  /** The beginning of what it said on its standard error. */
  readonly complaint: string;
  /** Why we killed it. */
  readonly killed: 'late' | 'endless' | undefined;
}

/** The shell is no more. The code is one of those that may pass. */
export class ShellGone extends Error {
  readonly code = 'EAGAIN';
  /** The program had been started. */
  readonly hasBegun: boolean;

  constructor(said: string, hasBegun: boolean) {
    super(said || 'the shell has ended');
    this.hasBegun = hasBegun;
  }
}

/** As much of a complaint is kept, in characters. */
const mostComplaint = 1_000;
/** A shell that has read more than this, in characters, is not kept: it would hold on to the memory. */
const mostScript = 256 * 1024;

/** What may keep the process from ending. */
interface Holding {
  ref?(): void;
  unref?(): void;
}

/** What is under way in a shell. */
interface Run {
  readonly command: Command;
  readonly resolve: (ended: Ended) => void;
  readonly reject: (cause: Error) => void;
  readonly timer: NodeJS.Timeout;
  readonly out: Heard;
  readonly said: Heard;
  pid: number | undefined;
  status: number | undefined;
  killed: Ended['killed'];
}

/**
 * A shell (`/bin/sh`, ash on OpenWrt) that starts programs for us, one at a time.
 *
 * libuv copies the whole daemon for each program that it starts (`fork`): with 200 MB that takes 4 ms of the processor,
 * and all stands still for as long. A shell is small, and is copied in a tenth of a millisecond.
 *
 * It reads its commands and what the programs read; on its fourth stream it says the number of each process and how it
 * ended, and on the other two a sign behind what the program has printed.
 */
export class Shell {
  readonly #child: Started;
  /** Nobody else can know it, so no program prints it, and no script has such a line. */
  readonly #token = randomBytes(16).toString('hex');
  #notes = '';
  #run: Run | undefined;
  #isFit = true;

  /** @throws an error with a `code` when no process can be made now */
  constructor() {
    this.#child = start('/bin/sh', [], { streams: 4, detached: true });
    const { stdin, stdout, stderr } = this.#child;
    stdin.on('error', () => {});
    stdout.on('data', (chunk: Buffer) => this.#printed(chunk));
    stderr.on('data', (chunk: Buffer) => this.#complained(chunk));
    this.#own.on('data', (chunk: Buffer) => this.#noted(String(chunk)));
    this.#child.once('error', (cause) => this.#gone(cause));
    this.#child.once('exit', () => {
      this.#isFit = false;
    });
    this.#child.once('close', () => this.#gone());
  }

  /** It may be given another program. */
  get isFit(): boolean {
    return this.#isFit;
  }

  /**
   * Runs a program to its end; the process of this daemon lives on for as long.
   * @throws {@link ShellGone}, or an error with a `code` when the shell cannot be started now
   */
  run(command: Command): Promise<Ended> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.#kill('late'), command.limitMs);
      const [out, said] = [new Heard(this.#token, command.mostBytes), new Heard(this.#token, mostComplaint)];
      const state = { pid: undefined, status: undefined, killed: undefined };
      this.#run = { command, resolve, reject, timer, out, said, ...state };
      this.#hold(true);
      this.#child.stdin.write(this.#lines(command));
    });
  }

  /** Ends the shell, once the program that runs has ended. */
  end(): void {
    this.#isFit = false;
    this.#child.stdin.end();
  }

  /** The command in the shell's language. A program in the background has its own number; it does not hear our stream. */
  #lines({ file, args, script }: Command): string {
    const words = [file, ...args].map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ');
    const reads = script ? `<<'${this.#token}'` : '</dev/null';
    const text = script ? `${script}${script.endsWith('\n') ? '' : '\n'}${this.#token}\n` : '';
    const sign = `echo ${this.#token} $s`;
    return `${words} ${reads} 3>&- &\n${text}echo pid $! >&3; wait $!; s=$?; ${sign}; ${sign} >&2; echo status $s >&3\n`;
  }

  get #own(): Readable {
    return this.#child.stdio[3] as Readable;
  }

  #printed(chunk: Buffer): void {
    if (!this.#run) return;
    this.#run.out.push(chunk);
    if (this.#run.out.isFull) this.#kill('endless');
    this.#look();
  }

  #complained(chunk: Buffer): void {
    this.#run?.said.push(chunk);
    this.#look();
  }

  #noted(text: string): void {
    const lines = `${this.#notes}${text}`.split('\n');
    this.#notes = lines.pop()!;
    for (const line of lines) this.#note(line.split(' '));
  }

  #note([what, number]: string[]): void {
    if (!this.#run) return;
    if (what === 'status') this.#run.status = Number(number);
    else {
      this.#run.pid = Number(number);
      this.#run.command.started?.(this.#run.pid);
    }
    this.#look();
  }

  /** It may be over: what it printed is here as a whole, and how it ended. */
  #look(): void {
    const run = this.#run;
    if (run?.status === undefined || !run.out.isOver || !run.said.isOver) return;
    const { status, killed, out, said, command } = run;
    if (killed || (command.script?.length ?? 0) > mostScript) this.end();
    this.#over(run);
    run.resolve({ status, killed, out: out.bytes(), complaint: said.bytes().toString() });
  }

  #kill(why: 'late' | 'endless'): void {
    const run = this.#run;
    if (!run || run.killed) return;
    run.killed = why;
    const { pid = this.#child.pid } = run;
    try {
      if (pid !== undefined) process.kill(pid, 'SIGKILL');
    } catch {
      // It has just ended.
    }
  }

  #gone(cause?: Error): void {
    this.#isFit = false;
    const run = this.#run;
    if (!run) return;
    this.#over(run);
    const { killed } = run;
    // Without room for another process a shell says so and ends.
    const said = run.said.bytes().toString().trim();
    if (killed) run.resolve({ status: 137, killed, out: run.out.bytes(), complaint: said });
    else run.reject(cause ?? new ShellGone(said, run.pid !== undefined));
  }

  #over(run: Run): void {
    clearTimeout(run.timer);
    this.#run = undefined;
    this.#hold(false);
  }

  /** A shell that waits keeps nobody from ending: where that cannot be had, as on Bun, it does not wait. */
  #hold(isBusy: boolean): void {
    const { stdin, stdout, stderr } = this.#child;
    for (const one of [this.#child, stdin, stdout, stderr, this.#own] as readonly Holding[]) {
      if (isBusy) one.ref?.();
      else if (one.unref) one.unref();
      else this.end();
    }
  }
}
