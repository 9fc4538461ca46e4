// Journals as the engine writes them, without an engine.
import type { Mac } from '../../src/domain/mac.js';
import type { JournalRecord, PlainSession } from '../../src/domain/record.js';
import { idLength, idLetters } from '../../src/domain/session-id.js';
import type { Bytes, Millis } from '../../src/domain/units.js';
import type { OutboxRecord } from '../../src/ports/sink.js';

/** The id of the session with this number. */
export function idOf(n: number): string {
  const digits = Array.from({ length: idLength }, (_, i) => idLetters[Math.floor(n / 32 ** i) % 32]);
  return digits.reverse().join('');
}

export interface Used {
  readonly up: number;
  readonly down: number;
  readonly millis: number;
}

export const at = 1_790_000_000_000;

export function plainSession(id: string, used: Used, more: Partial<PlainSession> = {}): PlainSession {
  const { up, down, millis } = used;
  return {
    id,
    mac: '02:00:00:00:00:01' as Mac,
    gateway: 'lan',
    user: 'ada',
    state: 'active',
    lots: [
      {
        plan: 'data',
        steps: 3,
        metric: 'bytes',
        stepSize: 1_000_000,
        allotment: { bytes: 3_000_000 as Bytes },
        policy: { devices: 1, pauseAway: false },
        funding: {
          method: 'cash',
          reference: 'till 7',
          paid: { currency: 'USD', decimals: 2, amount: '15' },
        },
        at,
        key: `key-${id}`,
      },
    ],
    granted: { bytes: 3_000_000 as Bytes },
    usage: {
      up: up as Bytes,
      down: down as Bytes,
      millis: millis as Millis,
      age: millis as Millis,
      away: 0 as Millis,
    },
    baselines: [],
    low: false,
    createdAt: at,
    openedAt: at,
    refunds: [],
    ...more,
  };
}

export function usageRecord(
  time: number,
  rows: readonly (readonly [id: string, used: Used])[],
): JournalRecord {
  return {
    t: 'usage',
    at: time,
    rows: rows.map(([id, { up, down, millis }]) => {
      return [id, up as Bytes, down as Bytes, millis as Millis, millis as Millis, 0 as Millis, []] as const;
    }),
  };
}

export function closedRecord(time: number, id: string, used: Used): JournalRecord {
  const money = { currency: 'USD', decimals: 2, amount: '5' };
  const session = plainSession(id, used, {
    state: 'terminated',
    cause: 'user',
    closedAt: time,
    refunds: [{ method: 'cash', reference: 'till 7', money }],
  });
  return { t: 'session', at: time, what: 'closed', session };
}

/** Numbers records from 1 on. */
export function numbered(records: readonly JournalRecord[], from = 1): OutboxRecord[] {
  return records.map((data, i) => ({ seq: from + i, data }));
}
