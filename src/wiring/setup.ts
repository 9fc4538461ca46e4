import { networkInterfaces } from 'node:os';
import { basename, dirname } from 'node:path';
import { refuse } from '../domain/refuse.js';
import type { Result } from '../ports/result.js';
import { targets } from '../setup/registry.js';
import { Setup } from '../setup/setup.js';
import type { Wish } from '../setup/target.js';
import { Uci } from '../setup/uci.js';
import { announcementOf, portAt } from './announcement.js';
import type { Members } from './members.js';
import { morePortsIn, usualPagePort } from './page-port.js';
import { premisesOf } from './premises.js';
import type { Config } from './schema.js';

/** Where a set-up finds everything. */
export interface SetupPlace {
  /** Turnpike's own configuration; those of the portals are beside it. */
  readonly file: string;
  /** OpenWrt's `uci`. */
  readonly uci: string;
  /** The port of the page; the one that is set, or the usual one, when absent. */
  readonly port?: number;
  /** What the caller has chosen. */
  readonly wish?: Wish;
}

/** The set-up of a target by its name, for the gateway of this configuration. */
export function setupOf(
  name: string,
  config: Config,
  portals: Members['portals'],
  { file, uci, port, wish = {} }: SetupPlace,
): Result<Setup> {
  const target = targets[name];
  if (!target) {
    return refuse('bad_argument', `target must be one of ${Object.keys(targets).join(', ')}`);
  }
  const gateway = config.gateways.find(({ type }) => type === target.gateway);
  const none = `${file} has no gateway of type ${target.gateway} that is switched on`;
  const isForNobody = target.gateway !== undefined && !gateway && !target.proposal;
  const address = addressOn(interfacesOf(gateway ? { gateways: [gateway] } : config, portals));
  const pagePort = port ?? portAt(config, usualPagePort, address);
  const parts = {
    ...(isForNobody && { obstacle: refuse('setup_impossible', none) }),
    wish,
    uci: new Uci(uci, dirname(file)),
    directory: config.main.directory,
    own: basename(file),
    ...{ port: pagePort, also: morePortsIn(config) },
    api: announcementOf(config, pagePort),
    interfaces: interfacesOf(config, portals),
    address: () => address,
  };
  return { ok: true, value: new Setup(name, target, parts) };
}

/** The interfaces on which the customers of these gateways are. */
export function interfacesOf(config: Pick<Config, 'gateways'>, portals: Members['portals']): string[] {
  return premisesOf(config, portals).premises.flatMap(({ interfaces }) => interfaces);
}

/** The router's first IPv4 address on these interfaces. */
export function addressOn(names: readonly string[]): string | undefined {
  const all = networkInterfaces();
  const addresses = names.flatMap((name) => all[name] ?? []);
  return addresses.find(({ family }) => family === 'IPv4')?.address;
}
