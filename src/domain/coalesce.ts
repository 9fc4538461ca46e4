import type { JournalRecord } from './record.js';
import { rowId } from './usage-row.js';

/**
 * Leaves out of old records the usage that no sink needs: usage of a session of which a later record says
 * more. Usage is in totals, so the newest row of a session is enough. Everything else stays, money above all.
 *
 * The returned function is called with the records one by one, the newest first. It returns what is left of a
 * record: the record itself, a record with fewer rows, or undefined.
 */
export function coalescing(): (record: JournalRecord) => JournalRecord | undefined {
  const told = new Set<string>();
  return (record) => {
    if (record.t === 'session') told.add(record.session.id);
    if (record.t !== 'usage') return record;
    const rows = record.rows.filter((row) => !told.has(rowId(row)));
    for (const row of rows) told.add(rowId(row));
    if (rows.length === record.rows.length) return record;
    return rows.length > 0 ? { ...record, rows } : undefined;
  };
}
