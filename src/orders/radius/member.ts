import type { OrderMember } from '../../ports/order-source.js';
import type { RadiusLink } from '../../radius/link.js';
import type { RadiusConfig } from '../../radius/section.js';
import { radius } from '../../radius/upstream.js';

/** Disconnect and CoA from RADIUS servers (RFC 5176). */
export const dynamicAuthorization: OrderMember<RadiusConfig, RadiusLink> = {
  upstream: radius,
  build: async (config, parts) => (await import('./build.js')).buildOrders(config, parts),
};
