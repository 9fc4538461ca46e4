import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Book } from '../../src/domain/book.js';
import type { Mac } from '../../src/domain/mac.js';
import type { PlainBook } from '../../src/domain/plain-book.js';
import type { JournalRecord } from '../../src/domain/record.js';
import { openStore } from '../../src/store/open.js';

/** The books as the disk has them, read from a copy of the journal of a daemon that is dead. */
export async function booksOnDisk(state: string): Promise<Book> {
  const copy = mkdtempSync(join(tmpdir(), 'turnpike-market-'));
  try {
    cpSync(state, copy, { recursive: true, filter: (file) => !file.endsWith('lock') });
    const { store, recovered } = await openStore({ directory: copy });
    const book = new Book(recovered.snapshot as PlainBook | undefined);
    for (const { data } of recovered.records) book.apply(data as JournalRecord);
    await store.close();
    return book;
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

/** Bytes of each device in all sessions that the books still have. */
export function bytesIn(book: Book): Map<string, { readonly mac: Mac; readonly bytes: number }> {
  return new Map(
    [...book.all()].map(({ id, mac, usage }) => [id, { mac, bytes: usage.up + usage.down }] as const),
  );
}
