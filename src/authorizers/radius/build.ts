import { randomUUID } from 'node:crypto';
import { present } from '../../domain/present.js';
import { refuse } from '../../domain/refuse.js';
import type { AuthorizerParts, RunningAuthorizer } from '../../ports/authorizer.js';
import type { Result } from '../../ports/result.js';
import type { Standing } from '../../ports/upstream.js';
import type { Attribute, AttributeValue } from '../../radius/attributes.js';
import type { RadiusClient } from '../../radius/client.js';
import { packetCode } from '../../radius/code.js';
import { askStatus, clientOf } from '../../radius/configured.js';
import { unsignedDetail } from '../../radius/exchange.js';
import type { RadiusLink } from '../../radius/link.js';
import type { LocatedNas } from '../../radius/located.js';
import { nasAttributes, serviceType } from '../../radius/nas.js';
import type { RadiusConfig } from '../../radius/section.js';
import type { ServerStatus } from '../../radius/server.js';
import { RadiusAuthorizer } from './authorizer.js';

/** Time limit of a login, in ms. It is shorter than the time that callers wait: LuCI hangs up after 20 s. */
const loginLimitMs = 15_000;

/** Asks the configured servers who may in. */
export async function buildAuthorizer(
  config: RadiusConfig,
  parts: AuthorizerParts<RadiusLink>,
): Promise<RunningAuthorizer> {
  const { link, clock, log } = parts;
  const { nas } = link;
  const { protocol, devices, macAuth, macForm, macPassword, strict, cui } = config;
  const client = clientOf(config.authServers, config, link, parts, loginLimitMs);
  const authorizer = new RadiusAuthorizer({
    ...{ client, nas, protocol, devices, wall: clock.wall, asksChargeable: cui },
    ...(!strict && { leftOut: (user, [name, value]) => log('warn', unreadText(user, name, value)) }),
    ...(macAuth && { macLogin: { form: macForm, ...present({ password: macPassword }) } }),
  });
  const status = () => askStatus(client, config, nas, 'takes logins');
  // The first login may be hours away: ask now whether the servers answer.
  void status();
  return {
    devices,
    credentials: (payment, mac) => authorizer.credentials(payment, mac),
    authenticate: (login) => authorizer.authenticate(login),
    authorize(login) {
      // A login does not wait for the address: a request may name the NAS by its identifier alone (RFC 2865 §4.1).
      void nas.locate();
      return authorizer.authorize(login);
    },
    get standing() {
      return standingOf(client);
    },
    async test() {
      const asked = await status();
      return asked.ok ? ((await doubtOf(client, config, nas)) ?? asked) : asked;
    },
    async stop() {
      client.close();
    },
  };
}

function unreadText(user: string, name: string, value: AttributeValue): string {
  const [who, what] = [user, String(value)].map((text) => JSON.stringify(text));
  return `radius: ${who} is let in without ${name}, which cannot be read: ${what}`;
}

/**
 * A server that answers Status-Server may answer logins in a way that is not believed. Where no login has shown that
 * it does not, a user whom nobody is finds out; a refusal is an answer.
 */
async function doubtOf(
  client: RadiusClient,
  { messageAuthenticator }: RadiusConfig,
  nas: LocatedNas,
): Promise<Result<string> | undefined> {
  if (messageAuthenticator !== 'require' || client.status.some(({ signs }) => signs)) return undefined;
  const attributes: Attribute[] = [
    ['User-Name', 'turnpike-test'],
    ['User-Password', randomUUID()],
    ['Service-Type', serviceType.authenticateOnly],
    ...nasAttributes(nas),
  ];
  const asked = await client.request({ code: packetCode.accessRequest, attributes });
  if (asked.ok || asked.reason !== 'unsigned') return undefined;
  return refuse('upstream_silent', asked.detail);
}

function standingOf(client: RadiusClient): Standing {
  const servers = client.status;
  const isDown = ({ state, isOnTrial, signs }: ServerStatus) =>
    state === 'zombie' && (!isOnTrial || signs === false);
  if (servers.every(isDown)) {
    const isUnsigned = servers.some(({ signs }) => signs === false);
    return { state: 'down', error: isUnsigned ? unsignedDetail : 'no server answers logins' };
  }
  const answered = servers.some(({ state, counters }) => state === 'live' && counters.replies > 0);
  return { state: answered ? 'up' : 'connecting', error: '' };
}
