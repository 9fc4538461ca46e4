import type { Counted } from '../domain/hold.js';
import type { Wanted } from '../ports/kernel.js';
import type { Log } from '../ports/log.js';
import type { Marks } from './marks.js';
import type { Nft } from './nft.js';

/** What all counters say: the index of each session whose counters moved, and theirs. */
export interface CounterRows {
  readonly moved: Iterable<Counted & { readonly index: number }>;
  /** Counters in the table. */
  readonly seen: number;
}

export interface TableParts {
  readonly nft: Nft;
  /** Reads all counters. @throws an error when nft says nothing usable */
  readonly readAll: () => Promise<CounterRows>;
  readonly wanted: Wanted;
  readonly marks: Marks;
  readonly log: Log;
  /** The index before the first that is given: another one in each run. @default 0 */
  readonly after?: number;
}
