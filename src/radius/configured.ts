import type { Result } from '../ports/result.js';
import type { UpstreamParts } from '../ports/upstream.js';
import { RadiusClient } from './client.js';
import { packetCode } from './code.js';
import type { RadiusLink } from './link.js';
import type { LocatedNas } from './located.js';
import { nasAttributes } from './nas.js';
import type { Endpoint, RadiusConfig } from './section.js';

/**
 * A client of some of the configured servers.
 * @param limitMs the client gives a request up after this time, in ms; when absent, after the time of RFC 5080
 */
export function clientOf(
  servers: readonly Endpoint[],
  { secret, messageAuthenticator, statusServer, timeout }: RadiusConfig,
  { nas, transport, pool, told }: RadiusLink,
  { clock, log }: UpstreamParts,
  limitMs?: number,
): RadiusClient {
  return new RadiusClient({
    servers: servers.map((at) => ({
      ...at,
      secret: Buffer.from(secret),
      messageAuthenticator,
      statusServer,
    })),
    ...{ transport, clock },
    ...(pool && { pool }),
    retransmission: { irt: timeout, ...(limitMs !== undefined && { mrd: limitMs }) },
    identity: () => nasAttributes(nas),
    changed(server, state, detail) {
      const text = `radius: ${server} is ${state}: ${detail}`;
      if (told?.get(server) === text) return;
      told?.set(server, text);
      log(state === 'live' ? 'info' : 'warn', text);
    },
  });
}

/**
 * Asks a server for its status (RFC 5997). Where Status-Server is off, tells whether a server answered lately.
 * @param says what the servers do when they answer, for people
 */
export async function askStatus(
  client: RadiusClient,
  { statusServer }: RadiusConfig,
  nas: LocatedNas,
  says: string,
): Promise<Result<string>> {
  await nas.locate();
  if (statusServer === 'off') return lately(client, says);
  const asked = await client.request({ code: packetCode.statusServer, attributes: nasAttributes(nas) });
  if (asked.ok) return { ok: true, value: `${asked.server} ${says}` };
  return { ok: false, code: 'upstream_silent', message: asked.detail };
}

function lately(client: RadiusClient, says: string): Result<string> {
  const found = client.status.find(({ state, counters }) => state === 'live' && counters.replies > 0);
  if (found) return { ok: true, value: `${found.server} ${says}` };
  return {
    ok: false,
    code: 'upstream_silent',
    message: 'no server has answered lately: status_server is off',
  };
}
