import { createHmac, timingSafeEqual } from 'node:crypto';
import { isUsable, type Session } from '../domain/session.js';
import type { Login } from '../ports/authorizer.js';

/**
 * Tells who knows the password that a session was authorised with. The proof stands in the session's lot and
 * so survives restarts. It is keyed with a secret of the router, so a copy of the journal is of no use for
 * guessing passwords. It differs by session, so equal passwords do not show.
 */
export class Proofs {
  readonly #secret: Uint8Array;

  /** `secret`: the router's own, in no journal. */
  constructor(secret: Uint8Array) {
    this.#secret = secret;
  }

  /** What is kept of this login. */
  of({ session, user, password }: Login): string {
    return this.#digest(session, user, password).toString('base64');
  }

  /** This login has the name and password that let the session in. */
  hold(session: Session, { user, password }: Login): boolean {
    const digest = this.#digest(session.id, user, password);
    return isUsable(session) && session.lots.some(({ accounting }) => isEqual(accounting?.proof, digest));
  }

  #digest(session: string, user: string, password: string): Buffer {
    return createHmac('sha256', this.#secret)
      .update(JSON.stringify([session, user, password]))
      .digest();
  }
}

function isEqual(kept: string | undefined, digest: Buffer): boolean {
  const bytes = Buffer.from(kept ?? '', 'base64');
  return bytes.length === digest.length && timingSafeEqual(bytes, digest);
}
