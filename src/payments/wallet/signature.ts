import { loadRecover, type Recover } from './recovery.js';
import type { Address, Hex } from './typed-data.js';

/** Half of the order of secp256k1: contracts take the lower of the two `s` that sign the same (EIP-2). */
const highestS = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0n;

/** Loaded with the first signature. */
let recover: Promise<Recover> | undefined;

/**
 * Whether an account's own key signed a digest, in the one form that contracts take too: 65 bytes, a low `s`, and `v` 27
 * or 28. What passes here and fails on the chain could be served on and not be charged.
 */
export async function isSignedBy(signer: Address, digest: Hex, signature: Hex): Promise<boolean> {
  if (!/^0x[0-9a-f]{128}(?:1b|1c)$/i.test(signature) || BigInt(`0x${signature.slice(66, 130)}`) > highestS) {
    return false;
  }
  try {
    recover ??= loadRecover();
    const recovered = await (await recover)(digest, signature);
    return recovered.toLowerCase() === signer.toLowerCase();
  } catch {
    // No key signs so.
    return false;
  }
}
