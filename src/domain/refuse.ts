import type { Refusal } from '../ports/result.js';

/**
 * Makes a refusal. `code` is stable; `message` says what happened, to what, and what to do. `next`: see {@link Refusal}.
 */
export function refuse(code: string, message: string, next?: number): Refusal {
  return { ok: false, code, message, ...(next !== undefined && { next }) };
}
