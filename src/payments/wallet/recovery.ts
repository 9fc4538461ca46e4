import { keccak256, recoverAddress } from 'viem/utils';
import type { Address, Hex } from './typed-data.js';

/**
 * The account whose key made a signature: `r`, `s` and `v` (27 or 28), 65 bytes.
 * @throws Error when no key signs so
 */
export type Recover = (digest: Hex, signature: Hex) => Address | Promise<Address>;

/** In JavaScript alone. */
export const plainRecover: Recover = (hash, signature) => recoverAddress({ hash, signature });

/** A file of its own, which the router has by a package of its own; in a build for tests it is translated as it is. */
const library = import.meta.url.endsWith('.mjs') ? './secp256k1.mjs' : './secp256k1.js';

/**
 * In WebAssembly (libsecp256k1, by `@bitauth/libauth`), which takes less than a tenth of the time; in JavaScript where
 * there is none: under `--jitless`, on some processors, and where its file is not installed.
 */
export async function loadRecover(file = new URL(library, import.meta.url)): Promise<Recover> {
  try {
    const { instantiateSecp256k1 }: typeof import('./secp256k1.js') = await import(file.href);
    const secp256k1 = await instantiateSecp256k1();
    return (digest, signature) => {
      const whole = bytesOf(signature);
      const key = secp256k1.recoverPublicKeyUncompressed(
        whole.subarray(0, 64),
        whole[64] === 28 ? 1 : 0,
        bytesOf(digest),
      );
      if (typeof key === 'string') throw new Error(key);
      // Without the byte that says how the key is written.
      return `0x${keccak256(key.subarray(1)).slice(-40)}`;
    };
  } catch {
    return plainRecover;
  }
}

function bytesOf(hex: Hex): Uint8Array {
  return Uint8Array.from(Buffer.from(hex.slice(2), 'hex'));
}
