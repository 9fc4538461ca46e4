import type { AuthorizerParts, RunningAuthorizer } from '../../ports/authorizer.js';
import type { Standing } from '../../ports/upstream.js';
import type { RadiusClient } from '../../radius/client.js';
import { askStatus, clientOf } from '../../radius/configured.js';
import type { LocatedNas } from '../../radius/located.js';
import type { RadiusConfig } from '../../radius/section.js';
import { RadiusAuthorizer } from './authorizer.js';

/** Time limit of a login, in ms. It is shorter than the time that callers wait: LuCI hangs up after 20 s. */
const loginLimitMs = 15_000;

/** Asks the configured servers who may in. */
export async function buildAuthorizer(
  config: RadiusConfig,
  parts: AuthorizerParts<LocatedNas>,
): Promise<RunningAuthorizer> {
  const { link: nas, clock } = parts;
  const { protocol, devices, macAuth, macPassword } = config;
  const client = clientOf(config.authServers, config, nas, parts, loginLimitMs);
  const authorizer = new RadiusAuthorizer({
    ...{ client, nas, protocol, devices, wall: clock.wall },
    ...(macAuth && { macLogin: macPassword === undefined ? {} : { password: macPassword } }),
  });
  const test = () => askStatus(client, config, nas, 'takes logins');
  // The first login may be hours away: ask now whether the servers answer.
  void test();
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
    test,
    async stop() {
      client.close();
    },
  };
}

function standingOf(client: RadiusClient): Standing {
  const servers = client.status;
  if (servers.every(({ state, isOnTrial }) => state === 'zombie' && !isOnTrial)) {
    return { state: 'down', error: 'no server answers logins' };
  }
  const answered = servers.some(({ state, counters }) => state === 'live' && counters.replies > 0);
  return { state: answered ? 'up' : 'connecting', error: '' };
}
