import type { Refusal } from '../ports/result.js';

/** Makes a refusal. `code` is stable; `message` says what happened, to what, and what to do. */
export function refuse(code: string, message: string): Refusal {
  return { ok: false, code, message };
}
