import { Book } from '../domain/book.js';
import type { PlainBook } from '../domain/plain-book.js';
import type { JournalRecord } from '../domain/record.js';
import { openInto } from '../store/open.js';
import type { StoreOptions } from '../store/options.js';
import type { StoredRecord } from '../store/recovery.js';
import type { Store } from '../store/store.js';

/** A journal and the books that it adds up to. */
export interface OpenedBooks {
  readonly store: Store;
  readonly book: Book;
  /** One sentence for each thing that was cut, set aside or missing. */
  readonly setAside: readonly string[];
}

/** Opens a journal and takes it into the books while it is read. @throws what `openStore` throws */
export async function openBooks(options: StoreOptions): Promise<OpenedBooks> {
  let book = new Book();
  const intake = {
    snapshot(state: unknown) {
      book = new Book(state as PlainBook);
    },
    record({ data }: StoredRecord) {
      book.apply(data as JournalRecord);
    },
  };
  const opened = await openInto(intake, options);
  return { ...opened, book };
}
