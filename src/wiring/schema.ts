import * as config from '../config/config.js';
import type { Schema } from '../config/schema.js';
import type { Section } from '../config/section.js';
import type { FileText } from '../config/uci.js';
import { hook } from '../payments/webhook/section.js';
import type { PortalConfig } from '../ports/portal.js';
import { type Members, members as ofThisVersion } from './members.js';

/** The configuration of a daemon: what each section says, for the members that it has. */
export type Config = config.Config<PortalConfig>;
export type ConfigResult = config.ConfigResult<PortalConfig>;

/** The sections that members bring, each once. LuCI shows the servers in this order. */
export function schemaOf({ portals, payments, ...onUpstreams }: Members): Schema<PortalConfig> {
  const { authorizers, sinks, orderSources } = onUpstreams;
  const standing = [...Object.values(authorizers), ...Object.values(sinks), ...Object.values(orderSources)];
  const paying = Object.entries(payments).map(([name, { section }]) => [name, section] as const);
  const isMethod = ([, section]: readonly [string, Section]) => section.type === 'method';
  return {
    portals: mapValues(portals, ({ section }) => section),
    methods: Object.fromEntries(paying.filter(isMethod)) as Schema['methods'],
    hook,
    servers: {
      ...Object.fromEntries(standing.map(({ upstream: { section } }) => [section.type, section])),
      ...Object.fromEntries(paying.filter((one) => !isMethod(one))),
    } as Schema['servers'],
  };
}

/** That of this version. */
export const schema = schemaOf(ofThisVersion);

/** Reads a configuration file and that of its secrets. All faults are reported at once. */
export function readConfig(file: string, members: Members = ofThisVersion): ConfigResult {
  return config.readConfig(schemaOf(members), file);
}

/** Reads the text of a configuration and that of its secrets; `file` is its name in faults. */
export function loadConfig(
  text: string,
  file: string,
  secrets?: FileText,
  members: Members = ofThisVersion,
): ConfigResult {
  return config.loadConfig(schemaOf(members), text, file, secrets);
}

function mapValues<T, R>(
  from: Readonly<Record<string, T>>,
  to: (value: T) => R,
): Readonly<Record<string, R>> {
  return Object.fromEntries(Object.entries(from).map(([key, value]) => [key, to(value)]));
}
