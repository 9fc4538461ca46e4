import type { BaselineResult, BaselineTask } from '../../workers/contract.js';
import type { Counted } from '../domain/hold.js';
import type { Wanted } from '../ports/kernel.js';
import type { Log } from '../ports/log.js';
import type { Marks } from './marks.js';
import type { Nft } from './nft.js';
import type { Witness } from './witness.js';

/** What all counters say: the index of each session whose counters moved, and theirs. */
export interface CounterRows {
  readonly moved: Iterable<Counted & { readonly index: number }>;
  /** Counters in the table. */
  readonly seen: number;
  /** What came of the look at connections. */
  readonly baseline?: BaselineResult;
}

export interface TableParts {
  readonly nft: Nft;
  /** Reads all counters, with nft's arguments for it. @throws an error when nft says nothing usable */
  readonly readAll: (args: readonly string[], baseline?: BaselineTask) => Promise<CounterRows>;
  readonly wanted: Wanted;
  readonly marks: Marks;
  readonly log: Log;
  /** Speaks for sessions whose counters are lost. @default nobody does */
  readonly witness?: Witness;
  /** The index before the first that is given: another one in each run. @default 0 */
  readonly after?: number;
  /** A clock in ms that nobody sets. @default the process's own */
  readonly now?: () => number;
}
