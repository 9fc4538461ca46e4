/** A record of the journal with its number, which counts up by one. */
export interface OutboxRecord {
  readonly seq: number;
  readonly data: unknown;
}

/** The records of the journal that an upstream has yet to be told of, in order (`store/outbox.ts`). */
export interface Outbox {
  /** Records that are not acknowledged yet. */
  readonly backlog: number;
  /** The next records that are on the disk, `limit` at the most; with `after`, those behind that number. */
  read(limit: number, after?: number): OutboxRecord[];
  /** This record and all before it need not come again. */
  ack(seq: number): void;
  /** `listener` runs soon after there are more to read. One at the most. */
  onAppend(listener: (() => void) | undefined): void;
}

/** How an upstream stands. `connecting`: it has not answered yet, and has not failed either. */
export interface UpstreamStatus {
  readonly state: 'up' | 'down' | 'connecting';
  /** Reports that wait. */
  readonly backlog: number;
  /** What went wrong last; empty when all is well. Never holds a secret. */
  readonly error: string;
}

/** Whether an upstream answers: `detail` is for people, `code` is stable. */
export type Trial =
  | { readonly ok: true; readonly detail: string }
  | { readonly ok: false; readonly code: string; readonly message: string };

/** A server that is told what happened here. It is fed from the journal alone, and never holds up the engine. */
export interface Upstream {
  readonly status: UpstreamStatus;
  /** Asks the server now. */
  test(): Promise<Trial>;
  /**
   * Ends. What is not acknowledged comes again at the next start, unless it ends `forGood`: then the server hears, where
   * its protocol has a word for that, that nothing follows.
   */
  stop(forGood: boolean): Promise<void>;
}
