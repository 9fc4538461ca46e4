import type { Result } from './result.js';
import type { Standing, Upstream, UpstreamParts } from './upstream.js';

/** A record of the journal with its number, which counts up by one. */
export interface OutboxRecord {
  readonly seq: number;
  readonly data: unknown;
}

/** The records of the journal that a sink has yet to be told of, in order (`store/outbox.ts`). */
export interface Outbox {
  /** Records that are not acknowledged yet. */
  readonly backlog: number;
  /** The next records that are on the disk, `limit` at the most; with `after`, those behind that number. */
  read(limit: number, after?: number): OutboxRecord[];
  /** Acknowledges this record and all before it: they need not come again. */
  ack(seq: number): void;
  /** Runs `listener` soon after there are more records to read. There is one listener at the most. */
  onAppend(listener: (() => void) | undefined): void;
}

/** A small state that a sink keeps beside the journal. */
export interface Keepsake {
  /** What was kept last; undefined when nothing was, or it cannot be read. */
  load(): unknown;
  /** Rejects when it cannot be kept. */
  save(state: object): Promise<void>;
}

/** How a sink stands. */
export interface SinkStanding extends Standing {
  /** Reports that wait. */
  readonly backlog: number;
  /** What it has bought, for those who look at `status`. */
  readonly bought?: Readonly<Record<string, string | number>>;
}

/** Hears from the journal alone, and never holds up the engine. */
export interface Sink {
  readonly standing: SinkStanding;
  /** Asks the server now whether it answers; the value names, for people, the server that answered. */
  test(): Promise<Result<string>>;
  /** Resolves when the server has heard of the end of these sessions, or does not answer. */
  reported?(sessions: readonly string[]): Promise<void>;
  /**
   * Ends the sink. Records that are not acknowledged come again at the next start. When the sink ends
   * `forGood`, it tells the server that nothing follows, where its protocol has a word for that.
   */
  stop(forGood: boolean): Promise<void>;
}

/** What a sink is built from. */
export interface SinkParts<L> extends UpstreamParts {
  readonly link: L;
  /** Its own, handed over by the registry. */
  readonly outbox: Outbox;
  /** The outbox is new: nothing was ever reported. */
  readonly isNew: boolean;
  /** Wall clock of the newest record, ms since 1970. */
  readonly at: number;
  /** The number of the newest record that earlier runs left. */
  readonly recovered: number;
  /** A state that is kept beside the journal under this file name. */
  keepsake(file: string): Keepsake;
}

/** A member of the seam: a line in `reports/registry.ts`, whose key names its outbox, and its standing in `status`. */
export interface SinkMember<C, L> {
  readonly upstream: Upstream<C, L>;
  build(config: C, parts: SinkParts<L>): Promise<Sink>;
}
