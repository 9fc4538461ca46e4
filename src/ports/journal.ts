import type { JournalRecord } from '../domain/record.js';

/** The durable journal. */
export interface Journal {
  /**
   * Writes a record; it is durable after the next {@link sync}.
   * @throws an error with `code` `storage_full` or `storage_failed`; then nothing was written.
   */
  append(record: JournalRecord): void;
  sync(): Promise<void>;
  /** Gives up room that was kept for a full disk; false when there is none left. A snapshot takes it again. */
  giveRoom(): boolean;
  /** Makes `state` durable in the place of all records so far. */
  snapshot(state: object): Promise<void>;
  /** The records since the last snapshot are many enough for a new one. */
  readonly wantsSnapshot: boolean;
}
