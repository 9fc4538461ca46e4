import { randomBytes } from 'node:crypto';
import type { Readable } from 'node:stream';
import { Heard } from './heard.js';
import { type Command, linesOf } from './lines.js';
import { type Started, start } from './start.js';

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

/** What its complaints begin with, too: the program's own do not. */
export const shellFile = '/bin/sh';
/** A program that has been killed and is still there is left to itself after this long, in ms: the kernel is busy with it. */
const graceMs = 10_000;
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
  timer: NodeJS.Timeout;
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
    this.#child = start(shellFile, [], { streams: 4, detached: true, cwd: '/' });
    const { stdin, stdout, stderr } = this.#child;
    stdin.on('error', () => {});
    stdout.on('data', (chunk: Buffer) => this.#heard('out', chunk));
    stderr.on('data', (chunk: Buffer) => this.#heard('said', chunk));
    this.#own.on('data', (chunk: Buffer) => this.#noted(String(chunk)));
    this.#child.once('error', (cause) => this.#gone(cause));
    this.#child.once('exit', () => {
      this.#isFit = false;
    });
    this.#child.once('close', () => this.#gone());
  }

  /** It may be given another program. */
  get isFit(): boolean {
    return this.#isFit && !this.#run;
  }

  /**
   * Runs a program to its end; the process of this daemon lives on for as long.
   * @throws {@link ShellGone}, or an error with a `code` when the shell cannot be started now
   */
  run(command: Command): Promise<Ended> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.#late(), command.limitMs);
      const [out, said] = [new Heard(this.#token, command.mostBytes), new Heard(this.#token, mostComplaint)];
      const state = { pid: undefined, status: undefined, killed: undefined };
      this.#run = { command, resolve, reject, timer, out, said, ...state };
      this.#hold(true);
      this.#child.stdin.write(linesOf(command, this.#token));
    });
  }

  /** Ends the shell, once the program that runs has ended. Resolves when it is gone. */
  async end(): Promise<void> {
    this.#isFit = false;
    const { pid, exitCode, signalCode, stdin } = this.#child;
    if (pid === undefined || exitCode !== null || signalCode !== null) return;
    const gone = new Promise((resolve) => this.#child.once('exit', resolve));
    stdin.end();
    await gone;
  }

  get #own(): Readable {
    return this.#child.stdio[3] as Readable;
  }

  #heard(stream: 'out' | 'said', chunk: Buffer): void {
    const run = this.#run;
    // What a program has left behind speaks: nobody could tell it from the next one.
    if (!run) return void this.end();
    run[stream].push(chunk);
    if (run.out.isFull) this.#kill(run, 'endless');
    this.#look();
  }

  #noted(text: string): void {
    const lines = `${this.#notes}${text}`.split('\n');
    this.#notes = lines.pop()!;
    for (const line of lines) this.#note(line.split(' '));
  }

  #note([what, number]: string[]): void {
    const run = this.#run;
    if (!run) return;
    if (what === 'status') run.status = Number(number);
    else {
      run.pid = Number(number) || undefined;
      if (run.pid !== undefined) run.command.started?.(run.pid);
    }
    this.#look();
  }

  /** It may be over: what it printed is here as a whole, and how it ended. */
  #look(): void {
    const run = this.#run;
    if (run?.status === undefined || !run.out.isOver || !run.said.isOver) return;
    const { status, killed, out, said, command } = run;
    if (killed || (command.script?.length ?? 0) > mostScript) void this.end();
    this.#over(run);
    run.resolve({ status, killed, out: out.bytes(), complaint: said.bytes().toString() });
  }

  /** Whoever was busy for long reads first how it has ended. */
  #late(): void {
    const run = this.#run;
    setImmediate(() => run && run === this.#run && this.#kill(run, 'late'));
  }

  /** Kills the program, or the shell where there is none, and does not wait for it without end. */
  #kill(run: Run, why: 'late' | 'endless'): void {
    if (run.killed) return;
    run.killed = why;
    clearTimeout(run.timer);
    run.timer = setTimeout(() => this.#leave(), graceMs);
    // The number of one that has ended may be another's by now.
    if (run.pid === undefined || run.status !== undefined) this.#child.kill('SIGKILL');
    else endProcess(run.pid);
  }

  /** Nothing of it is heard any more. */
  #leave(): void {
    this.#child.kill('SIGKILL');
    for (const one of this.#child.stdio) one?.destroy();
    this.#gone();
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
      else void this.end();
    }
  }
}

function endProcess(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has just ended.
  }
}
