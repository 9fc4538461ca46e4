import type { Session } from '../domain/session.js';
import { type Arguments, BadArgument } from './arguments.js';
import type { Service } from './service.js';

/**
 * The session that `id`, `mac` or `user` names; the first of them that is given counts.
 * @throws {@link BadArgument} `bad_argument` when none is given, `unknown_session` when there is none.
 */
export function find(args: Arguments, service: Service): Session {
  const session = lookUp(args, service);
  if (!session) throw new BadArgument('unknown_session', 'there is no such session');
  return session;
}

function lookUp(args: Arguments, service: Service): Session | undefined {
  if (args.has('id')) return service.session(args.name('id'));
  if (args.has('mac')) return service.sessionOfMac(args.mac());
  if (args.has('user')) return service.sessionOfUser(args.user());
  throw new BadArgument('bad_argument', 'name the session by its id, or by mac');
}
