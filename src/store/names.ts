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

export function formatName({ kind, number, seq }: FileName): string {
  return `${kind}-${hex(number, 8)}-${hex(seq, 12)}`;
}

/** Undefined for a name that is none of the store's. */
export function parseName(name: string): FileName | undefined {
  const [, kind, number, seq] = form.exec(name) ?? [];
  if (!kind || !number || !seq) return undefined;
  return {
    kind: kind as FileName['kind'],
    number: Number.parseInt(number, 16),
    seq: Number.parseInt(seq, 16),
  };
}

function hex(n: number, digits: number): string {
  return n.toString(16).padStart(digits, '0');
}
