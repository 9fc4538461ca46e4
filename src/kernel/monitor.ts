import type { Clock } from '../ports/clock.js';
import type { Log } from '../ports/log.js';
import { type Started, start } from '../programs/start.js';
import { RulesetEvents, type Written } from './events.js';

/** A process that ended is started again after this long, in ms: at first, and at the most. */
const firstWaitMs = 250;
const mostWaitMs = 60_000;
/** A process that ran for this long, in ms, was well. */
const wellMs = 60_000;
/** As much of a complaint is kept, in bytes. */
const complaintBytes = 200;

interface Options {
  /** The nft program. */
  readonly file: string;
  readonly clock: Clock;
  readonly log: Log;
  /** Told of each transaction, and of each time at which some may have been missed. */
  readonly written: (written: Written) => void;
}

/**
 * Listens to the kernel: `nft monitor` says what was written into any table within milliseconds. It costs a
 * process of 5 MB, and reads the ruleset once when it begins.
 */
export class RulesetMonitor {
  readonly #options: Options;
  #child: Started | undefined;
  #cancelStart: (() => void) | undefined;
  #waitMs = firstWaitMs;
  #isTold = false;
  #stopped = false;

  constructor(options: Options) {
    this.#options = options;
  }

  /** Begins to listen; nothing happens when it does. */
  start(): void {
    if (this.#child || this.#cancelStart || this.#stopped) return;
    const began = this.#options.clock.mono();
    try {
      this.#listen(start(this.#options.file, ['monitor']), began);
    } catch (cause) {
      this.#ended(began, (cause as Error).message);
    }
  }

  #listen(child: Started, began: number): void {
    this.#child = child;
    const events = new RulesetEvents(this.#options.written);
    let complaint = '';
    child.stdin.on('error', () => {});
    child.stdin.end();
    child.stdout.on('data', (chunk: Buffer) => events.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => {
      complaint = `${complaint}${chunk}`.slice(0, complaintBytes);
    });
    child.once('error', (cause) => {
      complaint = cause.message;
      // A program that cannot be started never closes.
      if (child.pid === undefined) this.#ended(began, complaint);
    });
    child.once('close', (code, signal) =>
      this.#ended(began, complaint.trim() || `ended with ${code ?? signal}`),
    );
    // A crash of ours leaves no process behind.
    process.once('exit', this.#kill);
  }

  /** Ends the process; resolves when it is gone. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancelStart?.();
    const child = this.#child;
    if (child?.pid === undefined) return;
    const gone = new Promise((resolve) => child.once('close', resolve));
    this.#kill();
    await gone;
  }

  readonly #kill = (): void => void this.#child?.kill('SIGKILL');

  #ended(began: number, why: string): void {
    process.off('exit', this.#kill);
    this.#child = undefined;
    if (this.#stopped || this.#cancelStart) return;
    const { clock, log } = this.#options;
    if (clock.mono() - began >= wellMs) this.#forgive();
    if (!this.#isTold) log('warn', `kernel: nft monitor stopped, so changes are found by looking: ${why}`);
    this.#isTold = true;
    this.#cancelStart = clock.after(this.#waitMs, () => this.#again());
    this.#waitMs = Math.min(mostWaitMs, this.#waitMs * 2);
  }

  #forgive(): void {
    this.#waitMs = firstWaitMs;
    this.#isTold = false;
  }

  #again(): void {
    this.#cancelStart = undefined;
    this.start();
    // Whatever was written meanwhile was not heard.
    this.#options.written({ pid: undefined, tables: undefined });
  }
}
