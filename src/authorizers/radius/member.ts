import type { AuthorizerMember } from '../../ports/authorizer.js';
import type { RadiusLink } from '../../radius/link.js';
import type { RadiusConfig } from '../../radius/section.js';
import { radius } from '../../radius/upstream.js';

/** Logins that a RADIUS server decides on (RFC 2865). */
export const radiusLogins: AuthorizerMember<RadiusConfig, RadiusLink> = {
  upstream: radius,
  build: async (config, parts) => (await import('./build.js')).buildAuthorizer(config, parts),
};
