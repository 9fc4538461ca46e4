import { authorizedLot } from '../../src/domain/lot.js';
import type { Mac } from '../../src/domain/mac.js';
import { type JournalRecord, type SessionChange, toPlain } from '../../src/domain/record.js';
import { newSession, type Session, step } from '../../src/domain/session.js';
import { bytes, millis } from '../../src/domain/units.js';
import type { Outbox, OutboxRecord } from '../../src/ports/sink.js';

export const at = 1_790_000_000_000;

/** A session that a server authorised, open since then. */
export function openSession(id: string, n = 1, over: Partial<Session> = {}): Session {
  const lot = authorizedLot(
    'radius',
    {
      user: 'alice',
      allotment: { bytes: bytes(1_000_000), millis: millis(3_600_000) },
      policy: { devices: 1, pauseAway: false },
      accounting: {
        classes: [Buffer.from('a').toString('base64'), Buffer.from([0, 255]).toString('base64')],
      },
    },
    { at, key: `key of ${id}` },
  );
  const mac = `02:00:00:00:00:${n.toString(16).padStart(2, '0')}` as Mac;
  const pending = newSession({ id, mac, gateway: 'lan', user: 'alice' }, lot);
  return { ...step(pending, { type: 'opened', at }), ...over };
}

export function changed(what: SessionChange, session: Session, when = at): JournalRecord {
  return { t: 'session', at: when, what, session: toPlain(session) };
}

/** An outbox as the store gives it: what is not acknowledged is there again after a restart. */
export class TestOutbox implements Outbox {
  readonly records: OutboxRecord[] = [];
  cursor = 0;
  /** The disk does not give out what it holds. */
  broken = false;
  #listener: (() => void) | undefined;

  get backlog(): number {
    return this.records.length - this.cursor;
  }

  append(...data: JournalRecord[]): void {
    for (const one of data) this.records.push({ seq: this.records.length + 1, data: one });
    this.#listener?.();
  }

  read(limit: number, after = this.cursor): OutboxRecord[] {
    if (this.broken) throw new Error('i/o error');
    return this.records.slice(after, after + limit);
  }

  ack(seq: number): void {
    this.cursor = Math.max(this.cursor, Math.min(seq, this.records.length));
  }

  onAppend(listener: (() => void) | undefined): void {
    this.#listener = listener;
  }
}
