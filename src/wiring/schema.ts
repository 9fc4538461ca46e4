import * as config from '../config/config.js';
import type { FileText } from '../config/loader.js';
import type { Config as Configuration, Schema } from '../config/schema.js';
import { mqtt } from '../mqtt/section.js';
import { cash } from '../payments/cash/section.js';
import { escrow } from '../payments/wallet/section.js';
import { nodogsplash } from '../portals/nodogsplash/section.js';
import { opennds } from '../portals/opennds/section.js';
import { radius } from '../radius/section.js';

/** The members of this version, each with its table of options. LuCI shows the servers in this order. */
export const schema = {
  portals: { opennds, nodogsplash },
  methods: { cash },
  servers: { radius, mqtt, escrow },
} satisfies Schema;

/** The configuration of this version. */
export type Config = Configuration<typeof schema>;
export type ConfigResult = config.ConfigResult<typeof schema>;
export type GatewayConfig = Config['gateways'][number];
export type UpstreamConfigs = Config['upstreams'];

/** Reads a configuration file and that of its secrets. All faults are reported at once. */
export function readConfig(file: string): ConfigResult {
  return config.readConfig(schema, file);
}

/** Reads the text of a configuration and that of its secrets; `file` is its name in faults. */
export function loadConfig(text: string, file: string, secrets?: FileText): ConfigResult {
  return config.loadConfig(schema, text, file, secrets);
}
