import { columns } from './contract.js';
import type { Ledger } from './ledger.js';

/** One row for each of these slots, as the main thread reads them: see `contract.ts`. */
export function rowsOf(ledger: Ledger, slots: readonly number[]): Float64Array {
  const rows = new Float64Array(slots.length * columns);
  let at = 0;
  for (const slot of slots) {
    rows[at++] = slot;
    rows[at++] = ledger.macOf(slot);
    rows[at++] = ledger.ipOf(slot);
    rows[at++] = ledger.upOf(slot);
    rows[at++] = ledger.downOf(slot);
    rows[at++] = ledger.flagsOf(slot);
    rows[at++] = ledger.lastUpOf(slot);
    rows[at++] = ledger.lastDownOf(slot);
    rows[at++] = ledger.epochOf(slot);
  }
  return rows;
}
