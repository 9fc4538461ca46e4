import type { Held, Hold } from '../domain/hold.js';
import { hasFlowtable, heldIn, parseListing } from './listing.js';
import { type Nft, NftError } from './nft.js';
import { emptyRuleset, type Ruleset, rulesetOf, table } from './ruleset.js';
import { scriptFor } from './script.js';

/** `bypassed`: a flowtable takes flows past our hooks, and past the portal's counters. */
export type BackstopState = 'starting' | 'on' | 'bypassed' | 'missing' | 'failed';

export interface BackstopStatus {
  readonly state: BackstopState;
  readonly error: string;
  /** Times that the table was found changed by somebody else, and mended. */
  readonly mended: number;
}

/**
 * Caps and rates in the kernel: an nft table of our own with limits, quotas and a counter for each session. It holds
 * while turnpike is dead or the portal does not answer, and its counters are a second, exact source.
 *
 * Level-triggered: each turn compares what should be with what is, and writes the difference in one transaction.
 * Turns are single-flight; what is asked for during one is done together by the next.
 */
export class Backstop {
  readonly #nft: Nft;
  readonly #holds: () => Iterable<Hold>;
  readonly #log: (level: 'info' | 'warn', text: string) => void;
  /** What the kernel has, as far as we know; undefined when that must be read first. */
  #known: Ruleset | undefined;
  #status: BackstopStatus = { state: 'starting', error: '', mended: 0 };
  #turn: Promise<unknown> = Promise.resolve();
  #queued: Promise<void> | undefined;

  /** `holds`: what should be, read anew at each turn. */
  constructor(
    nft: Nft,
    holds: () => Iterable<Hold>,
    log: (level: 'info' | 'warn', text: string) => void = () => {},
  ) {
    this.#nft = nft;
    this.#holds = holds;
    this.#log = log;
  }

  get status(): BackstopStatus {
    return this.#status;
  }

  /** Resolves when the kernel has what should be now; never rejects, for sessions go on without it. */
  sync(): Promise<void> {
    this.#queued ??= this.#take(async () => {
      this.#queued = undefined;
      await this.#bring(this.#known === undefined);
    });
    return this.#queued;
  }

  /** Reads the kernel's figures, mends what somebody else changed, and gives what was read. */
  audit(): Promise<readonly Held[]> {
    return this.#take(() => this.#bring(true));
  }

  /** Resolves when nothing is under way. */
  async rest(): Promise<void> {
    await this.#turn;
  }

  /** Takes the whole table away. */
  remove(): Promise<void> {
    return this.#take(async () => {
      this.#known = undefined;
      await this.#nft(['-f', '-'], `add table ${table}\ndelete table ${table}\n`).catch(() => {});
    });
  }

  #take<T>(turn: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(turn);
    this.#turn = result.catch(() => {});
    return result;
  }

  async #bring(look: boolean): Promise<readonly Held[]> {
    try {
      const expected = this.#known;
      const found = look ? await this.#read() : expected!;
      if (expected && look && scriptFor(found, expected) !== '') this.#mend();
      const wanted = rulesetOf(this.#holds());
      const script = scriptFor(found, wanted);
      if (script !== '') await this.#nft(['-f', '-'], script);
      this.#known = wanted;
      const bypassed = look ? await this.#bypassed() : this.#status.state === 'bypassed';
      this.#enter(bypassed ? 'bypassed' : 'on', bypassed ? 'flow offload takes packets past our caps' : '');
      return look ? heldIn(found) : [];
    } catch (cause) {
      this.#known = undefined;
      const missing = cause instanceof NftError && cause.code === 'missing';
      this.#enter(missing ? 'missing' : 'failed', (cause as Error).message);
      return [];
    }
  }

  async #read(): Promise<Ruleset> {
    try {
      return parseListing(await this.#nft(['-j', 'list', 'table', ...table.split(' ')]));
    } catch (cause) {
      if (cause instanceof NftError && cause.code === 'refused' && /No such file/.test(cause.message)) {
        return emptyRuleset();
      }
      throw cause;
    }
  }

  async #bypassed(): Promise<boolean> {
    return hasFlowtable(await this.#nft(['-j', 'list', 'flowtables']));
  }

  #mend(): void {
    this.#status = { ...this.#status, mended: this.#status.mended + 1 };
    this.#log('warn', 'backstop: somebody changed our table: putting it back');
  }

  /** Says a new state once. */
  #enter(state: BackstopState, error: string): void {
    const before = this.#status.state;
    this.#status = { ...this.#status, state, error };
    if (state === before) return;
    if (state === 'on') this.#log('info', 'backstop: caps are in the kernel');
    else this.#log('warn', `backstop: ${state}: ${error}`);
  }
}
