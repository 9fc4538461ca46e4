import type { JournalRecord } from '../domain/record.js';

/** The durable journal. */
export interface Journal {
  /**
   * Writes a record; it is durable after the next {@link sync}.
   * @throws an error with `code` `storage_full` or `storage_failed`; then nothing was written.
   */
  append(record: JournalRecord): void;
  sync(): Promise<void>;
  /**
   * Gives up the room that is reserved for a full disk; false when there is none left. A snapshot reserves it
   * again.
   */
  giveRoom(): boolean;
  /**
   * Reserves it again where the disk refused that last. @throws an error with `code`: then it does so still, and a snapshot
   * would be written in vain.
   */
  demandRoom(): Promise<void>;
  /** Makes `state`, plain data with long lists, durable in the place of all records so far. */
  snapshot(state: object): Promise<void>;
  /** There are enough records since the last snapshot for a new one. */
  readonly wantsSnapshot: boolean;
}
