/** What a caller can tell apart. The first two say that the state is as it was before the call. */
export type StoreCode =
  /** No room (ENOSPC, EDQUOT). Trying again later may work. */
  | 'storage_full'
  /** The disk refused for any other reason, or the store is closed. */
  | 'storage_failed'
  /** Another live process owns the directory. */
  | 'locked'
  /** A file was written by a newer version of the format. */
  | 'version'
  /** A secret of this router is not as it was written. */
  | 'secret_damaged';

/** The one error of this folder. `cause` is what the platform said, where it said anything. */
export class StoreError extends Error {
  override readonly name = 'StoreError';
  readonly code: StoreCode;

  constructor(code: StoreCode, message: string, cause?: unknown) {
    super(message, { cause });
    this.code = code;
  }
}

/** Turns a failed call to the disk into a {@link StoreError}; one that is already such is kept. */
export function storageError(what: string, cause: unknown): StoreError {
  if (cause instanceof StoreError) return cause;
  const errno = errnoOf(cause);
  if (errno === 'ENOSPC' || errno === 'EDQUOT')
    return new StoreError('storage_full', `${what}: no room`, cause);
  const detail = cause instanceof Error ? cause.message : String(cause);
  return new StoreError('storage_failed', `${what}: ${detail}`, cause);
}

/** The platform's name of an error, such as `ENOENT`; undefined when it has none. */
export function errnoOf(cause: unknown): string | undefined {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  return typeof code === 'string' ? code : undefined;
}

/** Why something failed, in one word where the platform has one. */
export function reasonOf(cause: unknown): string {
  return errnoOf(cause) ?? (cause instanceof Error ? cause.message : String(cause));
}
