// A journal in memory, on a disk that may be full or fail.
import { Book } from '../../src/domain/book.js';
import { LongList } from '../../src/domain/long-list.js';
import type { JournalRecord } from '../../src/domain/record.js';
import type { Journal } from '../../src/ports/journal.js';

const written = ([name, value]: readonly [string, unknown]) => [
  name,
  value instanceof LongList ? [...value] : value,
];

export class MemoryJournal implements Journal {
  records: JournalRecord[] = [];
  state: object | undefined;
  full = false;
  failSync = false;
  wantsSnapshot = false;

  /** Records that still fit on a full disk once the room kept for that has been given up. */
  spare = 0;
  #roomLeft = 0;

  giveRoom(): boolean {
    this.#roomLeft = this.spare;
    this.spare = 0;
    return this.#roomLeft > 0;
  }

  async demandRoom(): Promise<void> {}

  append(record: JournalRecord): void {
    if (this.full && this.#roomLeft-- > 0) this.records.push(structuredClone(record));
    else if (this.full) throw Object.assign(new Error('no space left'), { code: 'storage_full' });
    else this.records.push(structuredClone(record));
  }

  async sync(): Promise<void> {
    if (this.failSync) throw Object.assign(new Error('i/o error'), { code: 'storage_failed' });
  }

  async snapshot(state: object): Promise<void> {
    if (this.full) throw Object.assign(new Error('no space left'), { code: 'storage_full' });
    this.state = structuredClone(Object.fromEntries(Object.entries(state).map(written)));
    this.records = [];
  }

  /** The book as a restart would find it. */
  replay(): Book {
    const book = new Book(this.state as ConstructorParameters<typeof Book>[0]);
    for (const record of this.records) book.apply(record);
    return book;
  }
}
