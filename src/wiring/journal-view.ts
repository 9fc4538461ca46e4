import type { View } from '../api/view.js';

/** The journal as `status` shows it. */
export function journalView(
  stats: { state: string; bytes: number; lastError?: string },
  incomplete: boolean,
): View {
  const { state, bytes, lastError } = stats;
  const isWritable = state === 'ok' || state === 'behind';
  return { state: incomplete && isWritable ? 'incomplete' : state, bytes, error: lastError ?? '' };
}
