import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { parseUci } from '../config/uci.js';
import type { OwnSection, ReadUci } from '../ports/portal.js';
import type { Config } from './schema.js';

/** Where the router's interfaces and their files are. */
export interface GatePlaces {
  /** `/sys/class/net` */
  readonly interfaces: string;
  /** Gives a file of UCI by its name. */
  readonly read: ReadUci;
}

/** Those of this router; the files of UCI are beside turnpike's own. */
export function placesBeside(file: string): GatePlaces {
  return {
    interfaces: '/sys/class/net',
    read(name) {
      const path = join(dirname(file), name);
      return existsSync(path) ? parseUci(readFileSync(path, 'utf8')).sections : undefined;
    },
  };
}

/**
 * What would let people around turnpike's own portal, or keep them from its page, a line each. Other portals bring their
 * own interfaces.
 */
export function gateHints({ gateways }: Pick<Config, 'gateways'>, places: GatePlaces): string[] {
  return gateways
    .filter(({ type }) => type === 'nftables')
    .flatMap(({ name, interface: interfaces }) =>
      interfaces.flatMap((device) => hintsOf(device, places).map((hint) => `gateway '${name}': ${hint}`)),
    );
}

function hintsOf(device: string, places: GatePlaces): string[] {
  const bridge = bridgeOf(device, places.interfaces);
  if (bridge !== undefined) {
    return [`${device} is a port of ${bridge}, so nothing is held there: name ${bridge} instead`];
  }
  const networks = networksOn(device, places);
  return [
    ...uplinksIn(device, places).map(
      (port) => `${port}, the way to the Internet, is a port of ${device}: people pass within the bridge`,
    ),
    ...zoneless(networks, places).map(
      (network) => `network ${network} on ${device} is in no zone of the firewall: give it one`,
    ),
    ...relayed(networks, places).map(
      (network) => `network ${network} on ${device} relays IPv6 (dhcp): devices ask beyond the router`,
    ),
  ];
}

/** The bridge of which it is a port. */
function bridgeOf(device: string, interfaces: string): string | undefined {
  const master = join(interfaces, device, 'brport', 'bridge');
  return existsSync(master) ? basename(readlinkSync(master)) : undefined;
}

function networksOn(device: string, { read }: GatePlaces): string[] {
  const all = read('network')?.filter(({ type }) => type === 'interface') ?? [];
  return all.flatMap((one) => (said(one, 'device') === device && one.name ? [one.name] : []));
}

/** Ports of a bridge that are the devices of networks with the name of a way out. */
function uplinksIn(device: string, { interfaces, read }: GatePlaces): string[] {
  const folder = join(interfaces, device, 'brif');
  const ports = existsSync(folder) ? readdirSync(folder) : [];
  const out = read('network')?.filter(({ name }) => name === 'wan' || name === 'wan6') ?? [];
  const devices = new Set(out.map((one) => said(one, 'device')));
  return ports.filter((port) => devices.has(port));
}

function zoneless(networks: readonly string[], { read }: GatePlaces): string[] {
  const firewall = read('firewall');
  if (!firewall) return [];
  const zones = firewall.filter(({ type }) => type === 'zone');
  const known = new Set(zones.flatMap((zone) => wordsOf(zone, 'network')));
  return networks.filter((network) => !known.has(network));
}

function relayed(networks: readonly string[], { read }: GatePlaces): string[] {
  const pools = read('dhcp')?.filter(({ type }) => type === 'dhcp') ?? [];
  const relays = pools.filter((pool) => ['ra', 'dhcpv6', 'ndp'].some((one) => said(pool, one) === 'relay'));
  return networks.filter((network) => relays.some((pool) => said(pool, 'interface') === network));
}

function said(section: OwnSection, option: string): string | undefined {
  return section.options.get(option)?.value;
}

/** Words of an option, or of the entries of a list. */
function wordsOf(section: OwnSection, option: string): string[] {
  const entries = [
    said(section, option) ?? '',
    ...(section.lists.get(option) ?? []).map(({ value }) => value),
  ];
  return entries.flatMap((entry) => entry.split(/\s+/)).filter((word) => word !== '');
}
