import type { Upstream, UpstreamParts } from '../ports/upstream.js';
import type { RadiusLink } from './link.js';
import { type RadiusConfig, radius as section } from './section.js';

/**
 * The RADIUS servers: those for logins, those for accounting, and their orders. All three share the router's NAS
 * identity and, over TLS, the connections.
 */
export const radius: Upstream<RadiusConfig, RadiusLink> = {
  section,
  files: ({ tls }) => [tls?.caFile, tls?.certificateFile, tls?.keyFile],
  async open(config: RadiusConfig, parts: UpstreamParts) {
    const {
      nasAddress,
      nasIdentifier,
      calledStation,
      operatorName: operator,
      authServers,
      acctServers,
      tls,
    } = config;
    const { LocatedNas } = await import('./located.js');
    const servers = [...authServers, ...acctServers];
    const nas = new LocatedNas(nasIdentifier ?? parts.router, nasAddress, servers, undefined, {
      ...{ calledStation, operator },
    });
    if (tls) return (await import('./tls/secured.js')).securedLink(config, tls, nas, parts);
    const { UdpTransport } = await import('./udp.js');
    return { nas, transport: new UdpTransport() };
  },
  start: ({ secured }) => secured?.start(),
  close: async ({ secured }) => secured?.close(),
};
