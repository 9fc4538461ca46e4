import type { JournalRecord } from './record.js';
import { rowId } from './usage-row.js';

/**
 * Leaves out of old records what is worth nothing to anyone upstream who has not read them yet: usage of a session of
 * which a later record says more. Usage is in totals, so the newest of a session is all of it; everything else, money
 * above all, stays.
 *
 * The function that it returns is called with one record after the other, the newest first. It returns what is left: the
 * record itself, one with fewer rows, or undefined.
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
