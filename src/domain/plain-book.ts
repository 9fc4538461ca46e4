import type { Carry } from './carries.js';
import type { PlainEnds } from './ends.js';
import type { PlainFreeUses } from './free-uses.js';
import type { PlainKey } from './keys.js';
import type { PlainLastRecord } from './last-record.js';
import type { PlainLeftGate } from './left-gates.js';
import type { LongList } from './long-list.js';
import type { PlainDeposit } from './plain-deposit.js';
import type { PlainSession } from './record.js';
import type { PlainStats } from './stats.js';
import type { PlainVouchers } from './vouchers.js';

/** The book as a snapshot keeps it. */
export interface PlainBook extends PlainLastRecord, PlainStats {
  readonly sessions: readonly PlainSession[];
  readonly keys: readonly PlainKey[];
  readonly vouchers?: readonly PlainVouchers[];
  readonly escrows?: readonly PlainDeposit[];
  readonly ends?: readonly PlainEnds[];
  readonly left?: readonly PlainLeftGate[];
  readonly carries?: readonly Carry[];
  readonly free?: readonly PlainFreeUses[];
  /** Which run of the router the last boot record names. */
  readonly machine?: string;
}

/** The book as it is at one moment, of which what is long is not plain yet. */
export interface DraftBook extends Omit<PlainBook, 'sessions' | 'keys'> {
  readonly sessions: LongList<PlainSession>;
  readonly keys: LongList<PlainKey>;
}

/** All of it as plain data. */
export function plainOf({ sessions, keys, ...rest }: DraftBook): PlainBook {
  return { sessions: [...sessions], keys: [...keys], ...rest };
}
