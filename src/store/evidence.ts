import { join } from 'node:path';
import { type Disk, removeQuietly } from './disk.js';

/** Files that are kept when the owner has acknowledged what was damaged, and before. At most 256 KiB each, mostly. */
const kept = { acknowledged: 8, told: 32 } as const;
/** As damage.ts names what it puts aside; the number goes up with every file. What else is there is somebody else's. */
const form = /^damaged-(?:journal|snapshot)-([0-9a-f]{8})-/;

/**
 * Removes files that were put aside as damaged, the oldest first. What the owner has not acknowledged is kept as long as
 * there is not far more of it than anybody looks at: a disk that fails at each start must not fill itself.
 */
export function pruneEvidence(disk: Disk, directory: string, standing: keyof typeof kept): void {
  let names: string[];
  try {
    names = disk.list(directory).filter((name) => form.test(name));
  } catch {
    return;
  }
  const byAge = names.sort((a, b) => (numberOf(a) < numberOf(b) ? -1 : 1));
  for (const name of byAge.slice(0, -kept[standing])) removeQuietly(disk, join(directory, name));
}

/** Of eight digits, and so in the order of the numbers. */
function numberOf(name: string): string {
  return `${form.exec(name)?.[1]} ${name}`;
}
