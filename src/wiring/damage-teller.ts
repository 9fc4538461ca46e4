import type { Log } from '../ports/log.js';

/** Who tells of files beside the journal that are damaged. */
export interface DamageTeller {
  readonly log: Log;
  /** Takes a sentence for the owner, and says it until they have seen it. */
  readonly damaged: (text: string) => void;
}

/** Tells in the log and in `status`. */
export function damageTeller(store: { noteDamage(text: string): Promise<void> }, log: Log): DamageTeller {
  return {
    log,
    damaged(text) {
      log('error', text);
      void store.noteDamage(text);
    },
  };
}
