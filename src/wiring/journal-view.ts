import type { View } from '../api/view.js';

/** What `status` is told of the journal. */
interface Journal {
  readonly stats: { readonly state: string; readonly bytes: number; readonly lastError?: string };
  readonly damages: readonly string[];
}

/** States of a journal that can be written. */
const writable = ['ok', 'behind', 'damaged'];

/** The journal as `status` shows it. */
export function journalView({ stats, damages }: Journal, incomplete: boolean): View {
  const { state, bytes, lastError = '' } = stats;
  const isIncomplete = incomplete && writable.includes(state);
  return {
    state: isIncomplete ? 'incomplete' : state,
    bytes,
    error: lastError,
    ...(damages.length > 0 && { damages: [...damages] }),
  };
}
