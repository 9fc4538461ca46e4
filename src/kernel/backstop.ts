import type { Held, Hold } from '../domain/hold.js';
import { counted, hasFallen } from './counts.js';
import { hasFlowtable, heldIn, type Listing, noListing, parseListing } from './listing.js';
import { type Nft, NftError } from './nft.js';
import { type Counts, emptyRuleset, type Ruleset, rulesetOf, table } from './ruleset.js';
import { makingOf, scriptFor } from './script.js';

/** `bypassed`: a flowtable takes flows past turnpike's hooks, and past the portal's counters. */
export type BackstopState = 'starting' | 'on' | 'bypassed' | 'missing' | 'failed';

export interface BackstopStatus {
  readonly state: BackstopState;
  readonly error: string;
  /** Times that another program changed the table and turnpike repaired it. */
  readonly mended: number;
}

/**
 * Caps and rates in the kernel: an nft table of turnpike's own with limits, quotas and a counter for each
 * session. The table holds while turnpike is down or the portal does not answer. Its counters are a second,
 * exact source.
 *
 * Level-triggered: each turn compares the wanted rules with those in the kernel and writes the difference in
 * one transaction. A table that differs from the one that turnpike made is made anew and goes on from what
 * was counted. One turn runs at a time; the next turn does together what is asked for meanwhile.
 */
export class Backstop {
  readonly #nft: Nft;
  readonly #holds: () => Iterable<Hold>;
  readonly #log: (level: 'info' | 'warn', text: string) => void;
  /** What the kernel has, as far as turnpike knows. */
  #known: Ruleset = emptyRuleset();
  /** No fault since the last write, so the table need not be read before the next one. */
  #isSure = false;
  /** What the kernel had counted when the table was last read. */
  #seen: Counts = emptyRuleset();
  /** What the table looked like just after turnpike made it; undefined before that. */
  #made: Pick<Listing, 'shape' | 'odd'> | undefined;
  #status: BackstopStatus = { state: 'starting', error: '', mended: 0 };
  #turn: Promise<unknown> = Promise.resolve();
  #queued: Promise<void> | undefined;

  /** `holds`: the wanted holds, read anew at each turn. */
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

  /** Resolves when the kernel has the wanted rules. Never rejects, for sessions go on without them. */
  sync(): Promise<void> {
    this.#queued ??= this.#take(async () => {
      this.#queued = undefined;
      await this.#bring(!this.#isSure);
    });
    return this.#queued;
  }

  /** Reads the kernel's figures, repairs what other programs changed, and returns the figures. */
  audit(): Promise<readonly Held[]> {
    return this.#take(() => this.#bring(true));
  }

  /** Resolves when nothing is under way. */
  async rest(): Promise<void> {
    await this.#turn;
  }

  /** Removes the whole table. */
  remove(): Promise<void> {
    return this.#take(async () => {
      this.#isSure = false;
      this.#made = undefined;
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
      const found = look ? await this.#read() : undefined;
      const held = found ? heldIn(counted(found, [found, this.#seen])) : [];
      const isChanged = found !== undefined && this.#isSure && !this.#isAsLeft(found);
      const wanted = rulesetOf(this.#holds());
      if (!(await this.#amend(wanted, found))) await this.#make(wanted, found ?? (await this.#read()));
      this.#isSure = true;
      if (isChanged) this.#mended();
      const bypassed = look ? await this.#bypassed() : this.#status.state === 'bypassed';
      this.#enter(bypassed ? 'bypassed' : 'on', bypassed ? 'flow offload takes packets past our caps' : '');
      return held;
    } catch (cause) {
      this.#isSure = false;
      const missing = cause instanceof NftError && cause.code === 'missing';
      this.#enter(missing ? 'missing' : 'failed', (cause as Error).message);
      return [];
    }
  }

  /** Writes the difference. @returns false when the table must be made anew. */
  async #amend(wanted: Ruleset, found: Listing | undefined): Promise<boolean> {
    if (found && !this.#isOurs(found)) return false;
    const from = found ?? this.#known;
    const to = counted(wanted, [from, this.#seen]);
    if (found) this.#seen = countsOf(found);
    try {
      const script = scriptFor(from, to);
      if (script !== '') await this.#nft(['-f', '-'], script);
      this.#known = to;
      return true;
    } catch (cause) {
      if (!(cause instanceof NftError && cause.code === 'refused')) throw cause;
      this.#log('warn', `backstop: nft refused a change, so the table is made anew: ${cause.message}`);
      return false;
    }
  }

  /** Makes the table anew. `left`: what was found of the old table, which has the counts so far. */
  async #make(wanted: Ruleset, left: Listing): Promise<void> {
    this.#known = counted(wanted, [left, this.#seen]);
    await this.#nft(['-f', '-'], makingOf(this.#known));
    const made = await this.#list();
    this.#seen = countsOf(made);
    this.#made = { shape: made.shape, odd: made.odd };
  }

  /** No other program has changed the table since the last turn. */
  #isAsLeft(found: Listing): boolean {
    return this.#isOurs(found) && scriptFor(found, this.#known) === '';
  }

  /** It is the table that turnpike made, without foreign entries, and no counter was set back. */
  #isOurs(found: Listing): boolean {
    if (!this.#made || found.shape !== this.#made.shape) return false;
    // If nft printed the fresh table in an unknown form, the unknown form is no sign of a change.
    return (!found.odd || this.#made.odd) && !hasFallen(found, this.#seen);
  }

  /** Reads the table. A table that nft cannot list is one that turnpike did not make. */
  async #read(): Promise<Listing> {
    try {
      return await this.#list();
    } catch (cause) {
      const isTable = cause instanceof SyntaxError || (cause instanceof NftError && cause.code === 'refused');
      if (!isTable) throw cause;
      const [quotas, counters] = [await this.#listAlone('quotas'), await this.#listAlone('counters')];
      const counts = { quotas: quotas.quotas, counters: counters.counters };
      return { ...noListing(), ...counts, shape: 'unreadable', odd: true };
    }
  }

  /**
   * Lists one kind of object of a table that cannot be listed whole: nft 1.0.6 may crash when a table has
   * flags.
   */
  async #listAlone(kind: 'quotas' | 'counters'): Promise<Listing> {
    try {
      return parseListing(await this.#nft(['-j', 'list', kind, 'table', ...table.split(' ')]));
    } catch {
      return noListing();
    }
  }

  async #list(): Promise<Listing> {
    try {
      return parseListing(await this.#nft(['-j', 'list', 'table', ...table.split(' ')]));
    } catch (cause) {
      if (cause instanceof NftError && /No such file/.test(cause.message)) return noListing();
      throw cause;
    }
  }

  async #bypassed(): Promise<boolean> {
    return hasFlowtable(await this.#nft(['-j', 'list', 'flowtables']));
  }

  #mended(): void {
    this.#status = { ...this.#status, mended: this.#status.mended + 1 };
    this.#log('warn', 'backstop: somebody changed our table: put it back');
  }

  /** Logs a new state once. */
  #enter(state: BackstopState, error: string): void {
    const before = this.#status.state;
    this.#status = { ...this.#status, state, error };
    if (state === before) return;
    if (state === 'on') this.#log('info', 'backstop: caps are in the kernel');
    else this.#log('warn', `backstop: ${state}: ${error}`);
  }
}

function countsOf({ quotas, counters }: Listing): Counts {
  return { quotas, counters };
}
