/**
 * A file of the store by its name. `number` goes up with every file of either kind and orders them; `seq` is the
 * first record of a segment, or the last one that a snapshot covers.
 */
export interface FileName {
  readonly kind: 'journal' | 'snapshot';
  readonly number: number;
  readonly seq: number;
}

/** What a file is called until it is whole. */
export const unfinished = '.new';

const form = /^(journal|snapshot)-([0-9a-f]{8})-([0-9a-f]{12})$/;
/**
 * Numbers from here on no router comes to, and behind them there would soon be no room in a name: whatever has one is
 * none of the store's.
 */
const farthest = { number: 0x8000_0000, seq: 0x8000_0000_0000 };

export function formatName({ kind, number, seq }: FileName): string {
  return `${kind}-${hex(number, 8)}-${hex(seq, 12)}`;
}

/** A record may have this number. */
export function isNumber(seq: number): boolean {
  return seq < farthest.seq;
}

/** Undefined for a name that is none of the store's. */
export function parseName(name: string): FileName | undefined {
  const [, kind, ...numbers] = form.exec(name) ?? [];
  const [number = farthest.number, seq = farthest.seq] = numbers.map((text) => Number.parseInt(text, 16));
  if (!kind || number >= farthest.number || !isNumber(seq)) return undefined;
  return { kind: kind as FileName['kind'], number, seq };
}

function hex(n: number, digits: number): string {
  return n.toString(16).padStart(digits, '0');
}
