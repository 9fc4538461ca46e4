import type { Held } from '../domain/hold.js';

/** How the kernel's hard cap stands. */
export interface BackstopStatus {
  /** In `on` alone caps and rates hold: `bypassed` flows pass them by, in all others the table may not be there. */
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

/** Caps in the kernel, which hold when nobody is here to close a gate. */
export interface Backstop {
  readonly status: BackstopStatus;
  /** Resolves when the kernel has what should be, or cannot have it. Never rejects. */
  sync(): Promise<void>;
  /** What the kernel has counted; what somebody changed is put right. Never rejects. */
  audit(): Promise<readonly Held[]>;
  /** Resolves when nothing is under way. */
  rest(): Promise<void>;
}
