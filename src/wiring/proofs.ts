import { randomBytes } from 'node:crypto';
import { Proofs } from '../engine/proofs.js';
import type { Log } from '../ports/log.js';
import { openSecret } from '../store/secret.js';

/** Proofs of passwords under a secret of this router. Without the secret, the server checks every login. */
export async function proofsOf(directory: string, log: Log): Promise<Proofs> {
  try {
    const { secret, mended } = await openSecret(directory, 'logins.key');
    if (mended !== undefined) log('warn', mended);
    return new Proofs(secret);
  } catch (cause) {
    log(
      'error',
      `${(cause as Error).message}: who is logged in is asked for the password again after a restart`,
    );
    return new Proofs(randomBytes(32));
  }
}
