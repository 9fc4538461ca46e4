import type { Upstream } from '../ports/upstream.js';
import type { Nas } from './nas.js';
import { type RadiusConfig, radius as section } from './section.js';

/** The RADIUS servers: those for logins, those for accounting, and their orders. What is shared is who we are. */
export const radius: Upstream<RadiusConfig, Nas> = {
  section,
  async open({ nasAddress, nasIdentifier, authServers }, { router }) {
    const { addressTowards } = await import('./route.js');
    const address = nasAddress ?? (await addressTowards(authServers[0]!));
    return { identifier: nasIdentifier ?? router, ...(address !== undefined && { address }) };
  },
};
