import type { Upstream } from '../ports/upstream.js';
import type { LocatedNas } from './located.js';
import { type RadiusConfig, radius as section } from './section.js';

/**
 * The RADIUS servers: those for logins, those for accounting, and their orders. All three share the router's NAS
 * identity.
 */
export const radius: Upstream<RadiusConfig, LocatedNas> = {
  section,
  async open({ nasAddress, nasIdentifier, calledStation, authServers, acctServers }, { router }) {
    const { LocatedNas } = await import('./located.js');
    const servers = [...authServers, ...acctServers];
    return new LocatedNas(nasIdentifier ?? router, nasAddress, servers, undefined, calledStation);
  },
};
