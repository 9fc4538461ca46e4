import { type Caps, type Counted, countedOf, type Hold } from './hold.js';

/** What connections say of a session whose counters are lost. */
export interface Testimony {
  /** What its counters had said when connections were looked at before. */
  readonly counted: Counted;
  /** What its connections have moved since then. */
  readonly moved: Counted;
  /** That long ago, in ms. */
  readonly sinceMs: number;
}

/** Bytes a second of 1 kbit/s. */
const kbit = 125;

/**
 * What a session has moved as far as is sure: at least what is `known`, at most what connections say, and no more than
 * its caps and its pace allow. Connections also count what was dropped. To hear the same testimony again changes nothing.
 */
export function testified(
  known: Counted,
  { counted, moved, sinceMs }: Testimony,
  { caps, pace }: Pick<Hold, 'caps' | 'pace'>,
): Counted {
  const most = (way: 'up' | 'down') => {
    const paced = pace[way] === undefined ? moved[way] : Math.floor((pace[way] * kbit * sinceMs) / 1_000);
    return capped(known, counted[way] + Math.max(0, Math.min(moved[way], paced)), caps, way);
  };
  const [up, down] = [most('up'), most('down')];
  const over = Math.max(0, up + down - capped(known, up + down, caps, 'total'));
  const less = Math.min(over, down - known.down);
  return { up: up - (over - less), down: down - less };
}

/** At most the cap, but no less than what is known. */
function capped(known: Counted, bytes: number, caps: Caps, kind: keyof Caps): number {
  return Math.max(countedOf(known, kind), Math.min(bytes, caps[kind] ?? bytes));
}
