import { renameStuck } from './damage.js';
import type { Damages } from './damages.js';
import type { Disk } from './disk.js';
import type { Head } from './head.js';
import type { Journal } from './journal.js';

/** Puts on the disk what must be there before a snapshot is, which hides what was missing. It does not throw. */
export function safeguardOf(
  disk: Disk,
  head: Head,
  journal: Pick<Journal, 'durableSeq' | 'health'>,
  stuck: string[],
  damages: Damages,
): () => Promise<void> {
  return async () => {
    // Where there is a snapshot, this file is missed: also when nothing was appended since the start.
    head.note(journal.durableSeq, journal.health);
    await head.sync();
    renameStuck(disk, stuck);
    await damages.settle();
  };
}
