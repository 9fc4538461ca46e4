/** Refused, with nothing changed. `code` is stable and listed in `docs/ubus-api.md`; `message` is for people. */
export interface Refusal {
  readonly ok: false;
  readonly code: string;
  readonly message: string;
  /** From when on it may be tried again: wall clock, ms since 1970; absent where no time helps. */
  readonly next?: number;
}

/** An answer, or why there is none: the one shape for outcomes that callers are expected to handle. */
export type Result<T> = { readonly ok: true; readonly value: T } | Refusal;
