import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { Database } from '../collector/database.js';
import { unsigned } from '../payments/webhook/signature.js';
import type { Clock } from '../ports/clock.js';
import type { Log } from '../ports/log.js';
import type { Hook, LogoutHook } from './config.js';
import { HubError } from './error.js';
import { logOut } from './orders.js';
import { takePayment } from './payment.js';

const idForm = /^[\x21-\x7e]{1,128}$/;
/** A login name; RADIUS has room for 253 octets. */
const userForm = /^[^\p{Cc}\p{Cs}]{1,253}$/u;

export interface HookParts {
  readonly database: Database;
  readonly clock: Pick<Clock, 'wall'>;
  readonly log: Log;
}

/** A message as it came in. */
export interface Message {
  readonly name: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/**
 * Takes a signed message. `user.logged_out` becomes an order to each router where the user has a session; a payment, one
 * to the router that has the order. The same message again changes nothing.
 * @returns the routers that are told
 * @throws {@link HubError}, or what the database throws
 */
export async function takeMessage(
  hooks: ReadonlyMap<string, Hook>,
  message: Message,
  parts: HookParts,
): Promise<readonly string[]> {
  const { name } = message;
  const hook = hooks.get(name);
  if (!hook) throw new HubError('not_found', 'there is no such hook');
  const scheme = hook.takes === 'payments' ? hook.signature : 'standard';
  const refused = unsigned(scheme, message, hook.secrets, parts.clock.wall());
  if (refused) {
    parts.log('warn', `hook ${name}: a message was refused: ${refused.message}`);
    throw new HubError('hook_unsigned', refused.message);
  }
  return hook.takes === 'payments' ? takePayment(hook, message, parts) : takeLogout(hook, message, parts);
}

/** @throws {@link HubError}, or what the database throws */
async function takeLogout(
  hook: LogoutHook,
  { name, headers, body }: Message,
  { database, clock, log }: HookParts,
): Promise<readonly string[]> {
  const now = clock.wall();
  const id = String(headers['webhook-id']);
  if (!idForm.test(id))
    throw new HubError(
      'bad_request',
      'webhook-id must be 1 to 128 printable ASCII characters without spaces',
    );
  const user = userIn(name, body, log);
  // Messages about other things are taken, so that their sender does not send them again.
  if (user === undefined) return [];
  const done = await logOut(database, {
    ...{ hook: name, id, user, at: now, validUntil: now + hook.validForMs },
    digest: createHash('sha256').update(body).digest('hex'),
    key: `hub-${createHash('sha256').update(`${name}\0${id}`).digest('hex').slice(0, 40)}`,
  });
  if (!done.ok) throw new HubError('key_conflict', done.message);
  return done.value;
}

/** Who has logged out; undefined where the message is about something else. @throws {@link HubError} */
function userIn(name: string, body: Buffer, log: Log): string | undefined {
  const { type, data } = objectOf(body);
  if (type === 'payment.confirmed') {
    // Its secret may lie on every PC.
    log('error', `hook ${name}: a payment was confirmed here, and this hook takes logouts alone`);
    throw new HubError('not_served', 'this hook takes logouts: payments need a hook that "takes" them');
  }
  if (type !== 'user.logged_out') return undefined;
  const { user } = (data ?? {}) as { user?: unknown };
  if (typeof user === 'string' && userForm.test(user)) return user;
  throw new HubError('bad_request', 'data.user must be a login name');
}

function objectOf(body: Buffer): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    if (typeof value === 'object' && value !== null) return value as Readonly<Record<string, unknown>>;
  } catch {
    // Said below.
  }
  throw new HubError('bad_request', 'the message is no JSON object');
}
