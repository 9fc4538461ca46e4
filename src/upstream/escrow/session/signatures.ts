import { recoverAddress } from 'viem/utils';
import type { Address, Hex } from '../typed-data.js';

/** secp256k1n / 2 (EIP-2). */
const halfOrder = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0n;

/**
 * Whether the escrow would take this signature of a key: 65 bytes r, s, v with a low s, and v 27 or 28
 * (contracts/Signatures.sol). What is served on must be good there, too, so nothing else is taken here.
 */
export async function isSignedBy(signer: Address, hash: Hex, signature: Hex): Promise<boolean> {
  const [s, v] = [BigInt(`0x${signature.slice(66, 130)}`), Number.parseInt(signature.slice(130), 16)];
  if (signature.length !== 132 || s > halfOrder || (v !== 27 && v !== 28)) return false;
  try {
    return (await recoverAddress({ hash, signature })).toLowerCase() === signer;
  } catch {
    return false;
  }
}
