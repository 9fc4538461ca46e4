import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { HubConfig, Role } from './config.js';
import { HubError } from './error.js';

const challenge = 'Basic realm="turnpike hub", charset="UTF-8"';

/**
 * Lets those pass whose token has the role. All tokens are compared: the time says nothing of any. It comes after the
 * limits, which the plugin counts in `onRequest` behind a route's own, and before the body is read.
 */
export function demand(tokens: HubConfig['tokens'], role: Role) {
  const find = finder(tokens);
  return async ({ headers }: FastifyRequest) => {
    const found = find(/^Bearer +(\S+) *$/i.exec(headers.authorization ?? '')?.[1]);
    if (!found) throw new HubError('unauthorized', 'Authorization: Bearer TOKEN is missing, or not known');
    if (role === 'order' && found !== 'order') throw new HubError('forbidden', 'this token may only see');
  };
}

/**
 * The same for a page, where a browser asks for the token as a password (RFC 7617), with any name. Browsers send that
 * along with requests that other sites make, so nothing but pages, which only show, takes it.
 */
export function demandOnPage(tokens: HubConfig['tokens']) {
  const find = finder(tokens);
  return async ({ headers }: FastifyRequest, reply: FastifyReply) => {
    const [, scheme, given = ''] = /^(Bearer|Basic) +(\S+) *$/i.exec(headers.authorization ?? '') ?? [];
    const isBasic = scheme?.toLowerCase() === 'basic';
    const token = isBasic
      ? Buffer.from(given, 'base64')
          .toString()
          .replace(/^[^:]*:/, '')
      : given;
    if (find(token)) return;
    reply.header('www-authenticate', challenge);
    throw new HubError('unauthorized', 'the password is a token of the hub; the name may be anything');
  };
}

function finder(tokens: HubConfig['tokens']): (token: string | undefined) => Role | undefined {
  const known = tokens.map((one) => ({ role: one.role, print: fingerprint(one.token) }));
  return (token = '') => {
    const given = fingerprint(token);
    return known.filter(({ print }) => timingSafeEqual(print, given))[0]?.role;
  };
}

/** What a token is known by: no two lengths to compare, and nothing of it in memory dumps of maps. */
function fingerprint(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
