/** Kinds of what can be wrong. They are stable: pages have a sentence for each. */
export const faultCodes = [
  'unreadable',
  'exposed',
  'syntax',
  'unknown_section',
  'unknown_option',
  'missing',
  'bad_value',
  'duplicate',
  'conflict',
] as const;

/** Something wrong in a configuration file. */
export interface Fault {
  readonly file: string;
  /** 0 where no line is to blame. */
  readonly line: number;
  /** `plan 'hour'` */
  readonly section: string;
  /** Where the message of one that is `missing` names it, too. */
  readonly option?: string;
  readonly code: (typeof faultCodes)[number];
  readonly message: string;
}

/** One line for each fault, as compilers write them. */
export function formatFaults(faults: readonly Fault[]): string {
  return faults.map(formatFault).join('\n');
}

function formatFault({ file, line, section, option, message, code }: Fault): string {
  const where = [section, code === 'missing' ? undefined : option]
    .filter((s) => s !== undefined && s !== '')
    .join(': ');
  const place = line === 0 ? file : `${file}:${line}`;
  return `${place}: ${where === '' ? '' : `${where}: `}${message} (${code})`;
}

/** The word of `known` that is nearest to `word`, at most two letters away; undefined when there is none. */
export function nearest(word: string, known: Iterable<string>): string | undefined {
  let best: string | undefined;
  let least = 3;
  for (const candidate of known) {
    const d = distance(word, candidate);
    if (d < least && d < candidate.length) {
      best = candidate;
      least = d;
    }
  }
  return best;
}

/** Levenshtein's distance. */
function distance(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > 2) return 3;
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const swap = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(swap, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
}
