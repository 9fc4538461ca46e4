import { listCommand } from './commands.js';
import { Connection } from './connection.js';
import { NdsctlError } from './error.js';
import { Lag } from './lag.js';
import type { Patience } from './patience.js';
import { readBacklog } from './proc.js';
import { ReplyBytes } from './reply-bytes.js';
import { stuckAt } from './turn.js';

/** Between looks at the kernel's table, in ms: at first, and at most. Most replies come before the first look. */
const firstLookMs = 50;
const mostLookMs = 500;
/** The same where a lag is known: what waits before us is gone as soon as it is accepted. */
const lagLookMs = 5;

export interface ExchangeOptions {
  readonly patience: Patience;
  readonly into: ReplyBytes;
  /** Connections that waited at rest before this one. */
  readonly before: number;
  readonly signal: AbortSignal | undefined;
  /** Told when the connection is made on which the reply comes. */
  readonly connected: () => void;
}

/** A reply, and how many connections wait with their events lost. */
export interface Exchanged {
  readonly reply: Buffer;
  readonly lag: number;
}

/**
 * Makes one request and waits for the reply to its end. When the portal lags, further requests have it go on; the
 * earlier connections stay open, for the answers come to the oldest.
 * @throws {@link NdsctlError}
 */
export function exchange(path: string, command: string, options: ExchangeOptions): Promise<Exchanged> {
  return new Promise((resolve, reject) => {
    const done = (fault: NdsctlError | undefined, lags: boolean) => {
      if (fault) reject(fault);
      else resolve({ reply: options.into.view(), lag: lags ? readBacklog(path).waiting : 0 });
    };
    new Exchange(path, command, options, done);
  });
}

class Exchange {
  readonly #path: string;
  readonly #options: ExchangeOptions;
  readonly #done: (fault: NdsctlError | undefined, lags: boolean) => void;
  readonly #lag: Lag;
  readonly #connections: Connection[] = [];
  readonly #whole: NodeJS.Timeout;
  #silence: NodeJS.Timeout;
  #looks: NodeJS.Timeout | undefined;
  #isOver = false;

  constructor(
    path: string,
    command: string,
    options: ExchangeOptions,
    done: (fault: NdsctlError | undefined, lags: boolean) => void,
  ) {
    const { patience, into, before, signal, connected } = options;
    this.#path = path;
    this.#options = options;
    this.#done = done;
    this.#lag = new Lag(before, performance.now());
    this.#whole = setTimeout(() => this.#giveUp('no whole reply', patience.wholeMs), patience.wholeMs);
    this.#silence = this.#listen('no reply');
    signal?.addEventListener('abort', this.#abort, { once: true });
    const ended = (fault: NdsctlError | undefined) => this.#end(fault);
    const heard = () => this.#heard();
    this.#connections.push(new Connection(path, command, into, { connected, heard, ended }));
    this.#lookAfter(before > 0 ? lagLookMs : firstLookMs);
    if (signal?.aborted) this.#abort();
  }

  readonly #abort = () => this.#end(new NdsctlError('aborted', 'the request was called off'));

  /** The reply has begun, so the portal is at it. */
  #heard(): void {
    clearTimeout(this.#looks);
    clearTimeout(this.#silence);
    this.#silence = this.#listen('the reply broke off: silence');
  }

  #listen(what: string): NodeJS.Timeout {
    const { silenceMs } = this.#options.patience;
    return setTimeout(() => this.#giveUp(what, silenceMs), silenceMs);
  }

  #lookAfter(ms: number): void {
    this.#looks = setTimeout(() => {
      if (this.#lag.look(readBacklog(this.#path), performance.now())) this.#push();
      const { before } = this.#options;
      this.#lookAfter(before > 0 ? lagLookMs : Math.min(2 * ms, mostLookMs));
    }, ms);
  }

  #push(): void {
    this.#lag.pushed();
    const nothing = { connected: () => {}, heard: () => {}, ended: () => {} };
    this.#connections.push(new Connection(this.#path, listCommand, new ReplyBytes(), nothing));
  }

  #giveUp(what: string, ms: number): void {
    if (this.#lag.isStuck) stuckAt(this.#path, this.#lag.waiting);
    const isBusy = this.#options.into.length === 0 && this.#lag.isBusy;
    const detail = `${what} within ${ms} ms`;
    this.#end(isBusy ? new NdsctlError('busy', `${detail}: it is busy`) : new NdsctlError('timeout', detail));
  }

  #end(fault: NdsctlError | undefined): void {
    if (this.#isOver) return;
    this.#isOver = true;
    for (const timer of [this.#whole, this.#silence, this.#looks]) clearTimeout(timer);
    this.#options.signal?.removeEventListener('abort', this.#abort);
    for (const connection of this.#connections) connection.close();
    // Without a lag, what waits now has its event.
    this.#done(fault, this.#options.before > 0 || this.#connections.length > 1);
  }
}
