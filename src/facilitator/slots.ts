import type { Sent } from './operation.js';
import type { Signer } from './signer.js';

/** Transactions with the same nonce of one signer. */
export interface Slot {
  readonly signer: Signer;
  readonly nonce: number;
  /** Newest last. */
  readonly sent: Sent[];
}

/** Transactions by signer and nonce; those of signers that are not configured any more are left out. */
export function slotsOf(pending: readonly Sent[], signers: readonly Signer[]): Slot[] {
  const slots = new Map<string, Slot>();
  for (const sent of pending) {
    const signer = signers.find((one) => one.address === sent.signer);
    if (!signer) continue;
    const key = `${sent.signer} ${sent.nonce}`;
    const slot = slots.get(key) ?? { signer, nonce: sent.nonce, sent: [] };
    slot.sent.push(sent);
    slots.set(key, slot);
  }
  return [...slots.values()];
}
