import type { SinkMember } from '../../ports/sink.js';
import type { RadiusLink } from '../../radius/link.js';
import type { RadiusConfig } from '../../radius/section.js';
import { radius } from '../../radius/upstream.js';

/** Accounting by RADIUS (RFC 2866). */
export const radiusAccounting: SinkMember<RadiusConfig, RadiusLink> = {
  upstream: radius,
  build: async (config, parts) => (await import('./build.js')).buildAccounting(config, parts),
};
