import type { UpstreamParts } from './parts.js';
import type { Builders } from './upstreams.js';

/** How each upstream is made. Its code is loaded when it is configured. */
export function buildersOf(parts: UpstreamParts): Builders {
  return {
    radius: async (config) => (await import('./radius.js')).startRadius(config, parts),
    mqtt: async (config) => (await import('./mqtt.js')).startMqtt(config, parts),
    escrow: async (config) => (await import('../payments/wallet/build.js')).startEscrow(config, parts),
  };
}
