import { createHash } from 'node:crypto';
import { refuse } from '../../domain/refuse.js';
import type { Result } from '../../ports/result.js';
import { type Fields, fields, parsed } from './event.js';
import type { Message } from './signature.js';

/** A login name; RADIUS has room for 253 octets. */
const userForm = /^[^\p{Cc}\p{Cs}]{1,253}$/u;

/** A PC's word that its user has gone. */
export interface Logout {
  readonly user: string;
  /** The same for the same message, however often it comes. */
  readonly key: string;
}

/**
 * Reads a message to the hook of this name whose signature is good: `{ type: 'user.logged_out', data: { user } }`.
 * @returns undefined when it is about something else
 */
export function readLogout(name: string, { headers, body }: Message): Result<Logout | undefined> {
  const event: Fields | undefined = parsed(body);
  if (!event) return refuse('bad_argument', 'the message is no JSON object');
  // Its secret may lie on every PC.
  if (event.type === 'payment.confirmed') return refuse('not_allowed', 'this hook takes logouts alone');
  if (event.type !== 'user.logged_out') return { ok: true, value: undefined };
  const { user } = fields(event.data);
  if (typeof user !== 'string' || !userForm.test(user))
    return refuse('bad_argument', 'data.user must be a login name');
  const digest = createHash('sha256').update(`${name}\0${headers['webhook-id']}`).digest('hex');
  return { ok: true, value: { user, key: `hook-${digest.slice(0, 40)}` } };
}
