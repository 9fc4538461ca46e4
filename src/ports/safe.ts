/** Named values that outlive a crash, in a file for its owner alone: money, mostly. */
export interface Safe {
  /** Why its file cannot be read: then it seems empty, and nobody knows what is in there. */
  readonly unread?: { readonly message: string };
  /** All values; what changed last comes last. */
  all(): Iterable<readonly [name: string, value: unknown]>;
  /**
   * Puts a value in the place of the one of that name, or takes it out. It is on the disk when this resolves.
   * Rejects with `code` `storage_full` or `storage_failed`; then the value is as it was.
   */
  put(name: string, value: object | undefined): Promise<void>;
}
