// The messages that turnpike publishes on MQTT. asyncapi.json describes the same for others; a test compares the two.
import { Packr } from 'msgpackr/pack';
import { packIds, unpackIds } from '../domain/session-id.js';
import { checked, fromRow, isCount, type Layout, MessageError, toRow, wide } from './layout.js';

/** The version of all messages below. A field may be added at the end; a change of meaning gets a new version. */
const version = 1;

/** Who publishes. A message with the same `router`, `boot` and `seq` on the same topic is a repeat. */
interface Origin {
  readonly version: typeof version;
  readonly router: string;
  /** The run of the daemon that wrote the journal's records of this message. Another journal has other runs. */
  readonly boot: string;
}

interface Numbered extends Origin {
  /** The journal's record that made this message: it counts up over restarts, with gaps. */
  readonly seq: number;
  /** `seq` of the message before this one on the topic. There are no messages between the two. */
  readonly prev: number;
  /** Wall clock of that record, ms since 1970. */
  readonly at: number;
}

/** What one session used since it was last reported, and in all. Reading totals twice, or in any order, does no harm. */
export interface SessionUsage {
  readonly session: string;
  readonly up_bytes: number;
  readonly down_bytes: number;
  /** Time that counts against the allotment. */
  readonly millis: number;
  readonly total_up_bytes: number;
  readonly total_down_bytes: number;
  readonly total_millis: number;
}

/** `<prefix>/<router>/usage`: the sessions that used something since `prev`. */
export interface UsageMessage extends Numbered {
  readonly sessions: readonly SessionUsage[];
}

/**
 * A purchase or a grant; amounts are decimal strings, null where nothing was paid. Older ones that were paid in
 * the same way are one row, with their sums and without `plan` and `reference`.
 */
export interface LotRow {
  readonly plan: string;
  readonly steps: number;
  readonly method: string;
  readonly reference: string;
  readonly paid: string | null;
  readonly currency: string | null;
  /** How many purchases this is; null from before 0.2.0, when it was one. */
  readonly count: number | null;
}

/** What is given back, or owed, for one payment or, without `reference`, for several. */
export interface RefundRow {
  readonly method: string;
  readonly reference: string;
  readonly amount: string;
  readonly currency: string;
  /** How many payments this is; null from before 0.2.0, when it was one. */
  readonly count: number | null;
}

/** `<prefix>/<router>/session`: what became of a session. Totals are as in its last usage. */
export interface SessionMessage extends Numbered {
  /** `opened`, `low` or `closed`. */
  readonly event: string;
  readonly session: string;
  readonly mac: string;
  readonly gateway: string;
  readonly user: string | null;
  readonly plan: string;
  readonly state: string;
  readonly cause: string | null;
  readonly total_up_bytes: number;
  readonly total_down_bytes: number;
  readonly total_millis: number;
  /** ms since 1970. */
  readonly opened: number | null;
  readonly closed: number | null;
  readonly lots: readonly LotRow[];
  readonly refunds: readonly RefundRow[];
}

/** `<prefix>/<router>/status`, retained. Offline it is the last will, too, and its counts are 0. */
export interface StatusMessage extends Origin {
  readonly state: string;
  /** Of turnpike. */
  readonly software: string;
  /** ms since 1970; in a last will, when the connection was begun. */
  readonly at: number;
  readonly pending: number;
  readonly active: number;
  readonly suspended: number;
  readonly closing: number;
}

/** A message, by the last level of its topic. */
export interface Messages {
  readonly usage: UsageMessage;
  readonly session: SessionMessage;
  readonly status: StatusMessage;
}
export type Topic = keyof Messages;

export type Format = 'msgpack' | 'json';

const origin = { version: 'count', router: 'text', boot: 'text' } as const;
const numbered = { ...origin, seq: 'count', prev: 'count', at: 'count' } as const;
const lot: Layout = {
  plan: 'text',
  steps: 'count',
  method: 'text',
  reference: 'text',
  paid: 'text?',
  currency: 'text?',
  count: 'count?',
};
const refund: Layout = {
  method: 'text',
  reference: 'text',
  amount: 'text',
  currency: 'text',
  count: 'count?',
};
const totals = { total_up_bytes: 'count', total_down_bytes: 'count', total_millis: 'count' } as const;
const used = { up_bytes: 'count', down_bytes: 'count', millis: 'count', ...totals } as const;

const layouts: Readonly<Record<Topic, Layout>> = {
  usage: { ...numbered, sessions: [{ session: 'text', ...used }] },
  session: {
    ...numbered,
    event: 'text',
    session: 'text',
    mac: 'text',
    gateway: 'text',
    user: 'text?',
    plan: 'text',
    state: 'text',
    cause: 'text?',
    ...totals,
    opened: 'count?',
    closed: 'count?',
    lots: [lot],
    refunds: [refund],
  },
  status: {
    ...origin,
    state: 'text',
    software: 'text',
    at: 'count',
    pending: 'count',
    active: 'count',
    suspended: 'count',
    closing: 'count',
  },
};
const columns = Object.keys(used) as (keyof typeof used)[];

const packr = new Packr({ useRecords: false, int64AsType: 'number' });

/** Fields in the order of the layout; usage in columns, so that nothing but its numbers is repeated. */
export function encodeMessage<T extends Topic>(topic: T, message: Messages[T], format: Format): Buffer {
  if (format === 'json') return Buffer.from(JSON.stringify(message));
  if (topic !== 'usage') return packr.pack(toRow(layouts[topic], { ...message }));
  const { sessions, ...head } = message as UsageMessage;
  const ids = sessions.map(({ session }) => session);
  const counts = columns.map((name) => sessions.map((one) => wide(one[name])));
  return packr.pack([...toRow(numbered, head), packIds(ids) ?? ids, ...counts]);
}

/**
 * Reads a message in either format.
 * @throws {@link MessageError} `malformed`, or `version` for one of a later version.
 */
export function decodeMessage<T extends Topic>(topic: T, payload: Buffer): Messages[T] {
  const plain = decodePlain(payload);
  const first = Array.isArray(plain) ? plain[0] : (plain as { version?: unknown } | null)?.version;
  if (isCount(first) && first !== version)
    throw new MessageError('version', `version ${first} is not known here`);
  const named = Array.isArray(plain) ? nameFields(topic, plain) : plain;
  return checked(layouts[topic], named) as unknown as Messages[T];
}

/** MessagePack or JSON: no message of ours begins as MessagePack with the octet of `{`. */
export function decodePlain(payload: Buffer): unknown {
  try {
    return payload[0] === 0x7b ? JSON.parse(payload.toString()) : packr.unpack(payload);
  } catch (cause) {
    throw new MessageError('malformed', 'neither MessagePack nor JSON', cause);
  }
}

/** Plain data in one of the formats, with the names of its fields. */
export function encodePlain(data: object, format: Format): Buffer {
  return format === 'json' ? Buffer.from(JSON.stringify(data)) : packr.pack(widened(data));
}

function nameFields(topic: Topic, row: readonly unknown[]): unknown {
  if (topic !== 'usage') return fromRow(layouts[topic], row);
  const size = Object.keys(numbered).length;
  const [ids, ...counts] = row.slice(size);
  const sessions = ids instanceof Uint8Array ? unpackIds(ids) : ids;
  if (!Array.isArray(sessions)) throw new MessageError('malformed', 'there are no sessions');
  const usageOf = (session: unknown, i: number) => {
    const usage: Record<string, unknown> = { session };
    for (const [column, name] of columns.entries())
      usage[name] = (counts[column] as unknown[] | undefined)?.[i];
    return usage;
  };
  return { ...fromRow(numbered, row), sessions: sessions.map(usageOf) };
}

function widened(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(widened);
  if (typeof value !== 'object' || value === null) return wide(value);
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, widened(one)]));
}
