import { formatAmount } from '../../domain/money.js';
import { purchasesOf } from '../../domain/purchases.js';
import { fromPlain, type JournalRecord } from '../../domain/record.js';
import type { Session } from '../../domain/session.js';
import { namedRow } from '../../domain/usage-row.js';
import type { Messages, SessionMessage, SessionUsage } from '../../mqtt/message.js';
import type { OutboxRecord } from '../../ports/sink.js';

/** Octets up, octets down, milliseconds. */
type Totals = readonly [up: number, down: number, millis: number];

/** All that the next message depends on beside the next record: plain data. */
export interface FoldState {
  /** The last record that is in here. */
  readonly seq: number;
  /** Its run of the daemon. */
  readonly boot: string;
  readonly prevUsage: number;
  readonly prevSession: number;
  /** Wall clock of the usage that closed a report last, ms since 1970. */
  readonly closedAt: number;
  /** How often usage is reported, in ms. */
  readonly interval: number;
  /** Sessions that go on: what was reported of each and, where that is not all, what is known. */
  readonly sessions: readonly (readonly [id: string, reported: Totals, known?: Totals])[];
}

/** A message to one of the topics. */
export type Told =
  | { readonly topic: 'usage'; readonly message: Messages['usage'] }
  | { readonly topic: 'session'; readonly message: Messages['session'] };

const none: Totals = [0, 0, 0];
/** A flush that comes a little before the interval is over ends it. */
const early = 0.9;
const told: readonly string[] = ['opened', 'low', 'closed'];

/** Before the first record. `reported`: what a server knows of the sessions already. */
export function freshState(
  boot: string,
  interval: number,
  seq = 0,
  reported: FoldState['sessions'] = [],
): FoldState {
  return { seq, boot, interval, prevUsage: 0, prevSession: 0, closedAt: 0, sessions: reported };
}

/**
 * Turns records of the journal into messages. Which messages, with which numbers and contents, follows from the state
 * and the records alone, and neither from a clock nor from the connection: whoever begins again at an older state says
 * the same again to the byte, and a receiver can drop it by its number.
 */
export class Fold {
  readonly #router: string;
  readonly #reported = new Map<string, Totals>();
  /** Totals of sessions that have used more than was reported. */
  readonly #open = new Map<string, Totals>();
  #at: Omit<FoldState, 'sessions'>;

  constructor(router: string, { sessions, ...at }: FoldState) {
    this.#router = router;
    this.#at = at;
    for (const [id, reported, known] of sessions) {
      this.#reported.set(id, reported);
      if (known) this.#open.set(id, known);
    }
  }

  get state(): FoldState {
    const sessions = [...this.#reported].map(([id, reported]) => {
      const known = this.#open.get(id);
      return known ? ([id, reported, known] as const) : ([id, reported] as const);
    });
    return { ...this.#at, sessions };
  }

  get interval(): number {
    return this.#at.interval;
  }

  /** Sets the interval of the reports. Call it only where no message after this state was ever sent. */
  setInterval(interval: number): void {
    this.#at = { ...this.#at, interval };
  }

  /** The messages that a record makes; records that are in here already make none. */
  take({ seq, data }: OutboxRecord): Told[] {
    if (seq <= this.#at.seq) return [];
    const record = data as JournalRecord;
    // Usage of the earlier run is reported under that run's name.
    const before = record.t === 'boot' ? this.#report(this.#at.seq, record.at) : [];
    this.#at = { ...this.#at, seq, ...(record.t === 'boot' && { boot: record.boot }) };
    return [...before, ...this.#fold(record)];
  }

  #fold(record: JournalRecord): Told[] {
    switch (record.t) {
      case 'usage':
        for (const row of record.rows) {
          const { id, usage } = namedRow(row, () => undefined);
          this.#know(id, usage);
        }
        return this.#usageIsDue(record.at) ? this.#report(this.#at.seq, record.at) : [];
      case 'sold':
        this.#know(record.session.id, record.session.usage);
        return [];
      case 'revoked':
        if ('id' in record) this.#forget(record.id);
        return [];
      case 'session':
        return this.#changed(fromPlain(record.session), record.what, record.at);
      default:
        return [];
    }
  }

  #changed(session: Session, what: string, at: number): Told[] {
    this.#know(session.id, session.usage);
    const usage = what === 'closed' ? this.#report(this.#at.seq, at) : [];
    if (what === 'closed') this.#reported.delete(session.id);
    if (!told.includes(what)) return usage;
    const { seq, prevSession: prev } = this.#at;
    this.#at = { ...this.#at, prevSession: seq };
    const message = { ...this.#origin(seq, prev, at), event: what, ...describe(session) };
    return [...usage, { topic: 'session', message }];
  }

  #know(id: string, { up, down, millis }: Session['usage']): void {
    const reported = this.#reported.get(id) ?? none;
    if (!this.#reported.has(id)) this.#reported.set(id, none);
    if (up > reported[0] || down > reported[1] || millis > reported[2])
      this.#open.set(id, [up, down, millis]);
  }

  /** Drops a session that has used nothing: the sale that was taken back may have been its only one. */
  #forget(id: string): void {
    const unused = this.#reported.get(id)?.every((total) => total === 0) && !this.#open.has(id);
    if (unused) this.#reported.delete(id);
  }

  #usageIsDue(at: number): boolean {
    const { closedAt, interval } = this.#at;
    // Math.abs: a clock that was set back must not stop the reports.
    if (Math.abs(at - closedAt) < early * interval) return false;
    this.#at = { ...this.#at, closedAt: at };
    return true;
  }

  #report(seq: number, at: number): Told[] {
    if (this.#open.size === 0) return [];
    const sessions: SessionUsage[] = [];
    // Keep the order of the state, which a restart preserves: a repeat must have the same bytes.
    for (const [session, reported] of this.#reported) {
      const known = this.#open.get(session);
      if (!known) continue;
      sessions.push(usageSince(session, reported, known));
      this.#reported.set(session, known);
    }
    this.#open.clear();
    const { prevUsage: prev } = this.#at;
    this.#at = { ...this.#at, prevUsage: seq };
    return [{ topic: 'usage', message: { ...this.#origin(seq, prev, at), sessions } }];
  }

  #origin(seq: number, prev: number, at: number) {
    return { version: 1, router: this.#router, boot: this.#at.boot, seq, prev, at } as const;
  }
}

function usageSince(session: string, from: Totals, to: Totals): SessionUsage {
  return {
    session,
    up_bytes: Math.max(0, to[0] - from[0]),
    down_bytes: Math.max(0, to[1] - from[1]),
    millis: Math.max(0, to[2] - from[2]),
    total_up_bytes: to[0],
    total_down_bytes: to[1],
    total_millis: to[2],
  };
}

type Description = Omit<SessionMessage, 'version' | 'router' | 'boot' | 'seq' | 'prev' | 'at' | 'event'>;

function describe(session: Session): Description {
  const { up, down, millis } = session.usage;
  return {
    session: session.id,
    mac: session.mac,
    gateway: session.gateway,
    user: session.user ?? null,
    plan: session.lots.at(-1)?.plan ?? '',
    state: session.state,
    cause: session.cause ?? null,
    total_up_bytes: up,
    total_down_bytes: down,
    total_millis: millis,
    opened: session.openedAt ?? null,
    closed: session.closedAt ?? null,
    lots: purchasesOf(session).map(({ paid, count, ...lot }) => {
      return { ...lot, paid: paid ? formatAmount(paid) : null, currency: paid?.currency ?? null, count };
    }),
    refunds: session.refunds.map(({ method, reference, money, count = 1 }) => {
      return { method, reference, amount: formatAmount(money), currency: money.currency, count };
    }),
  };
}
