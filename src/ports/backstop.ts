import type { Held } from '../domain/hold.js';

/** The state of the hard cap in the kernel. */
export interface BackstopStatus {
  /**
   * Caps and rates hold in the state `on` alone: `bypassed` flows avoid them, and in all other states the
   * table may be missing.
   */
  readonly state: string;
  readonly error: string;
  /** Times that somebody else changed our table. */
  readonly mended: number;
}

/** The same, with the largest difference between the kernel's count and the portal's. */
export interface BackstopReport extends BackstopStatus {
  readonly difference: { readonly bytes: number; readonly share: number };
  /** Sessions whose counter at the portal stands still while traffic flows. */
  readonly stalled: number;
}

/** Caps in the kernel. They hold when turnpike is not there to close a gate. */
export interface Backstop {
  readonly status: BackstopStatus;
  /** Resolves when the kernel has the wanted caps, or cannot have them. Never rejects. */
  sync(): Promise<void>;
  /** Reads what the kernel has counted, and repairs what other programs changed. Never rejects. */
  audit(): Promise<readonly Held[]>;
  /** Resolves when nothing is under way. */
  rest(): Promise<void>;
}
