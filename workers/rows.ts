import { columns } from './contract.js';
import type { Ledger } from './ledger.js';

/** One row for each of these slots, as the main thread reads them: see `contract.ts`. */
export function rowsOf(ledger: Ledger, slots: ArrayLike<number>): Float64Array {
  const rows = new Float64Array(slots.length * columns);
  let at = 0;
  for (let i = 0; i < slots.length; i++) {
    const slot = slots[i]!;
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
