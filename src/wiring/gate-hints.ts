import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { parseUci } from '../config/uci.js';
import type { OwnSection, ReadUci } from '../ports/portal.js';
import { pagePortIn } from './page-port.js';
import type { Config } from './schema.js';

/** Networks that are no customers' or owner's place. */
const outside = ['loopback', 'wan', 'wan6'];

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
export function gateHints(
  config: Pick<Config, 'gateways'> & Partial<Pick<Config, 'main' | 'web'>>,
  places: GatePlaces,
): string[] {
  const { main, web } = config;
  const page = main && pagePortIn({ main, ...(web && { web }) });
  const own = config.gateways.filter(({ type }) => type === 'nftables');
  return [
    ...own.flatMap(({ name, interface: interfaces }) =>
      interfaces.flatMap((device) =>
        hintsOf(device, page, places).map((hint) => `gateway '${name}': ${hint}`),
      ),
    ),
    ...lockedOut(config.gateways, places),
  ];
}

/** Nobody reaches the router from a network that is sold, the owner neither, unless their device is named. */
function lockedOut(gateways: Config['gateways'], { read }: GatePlaces): string[] {
  type Own = Config['gateways'][number] & { readonly allowMac?: readonly string[] };
  const named = gateways.filter((one: Own) => one.type !== 'nftables' || (one.allowMac ?? []).length > 0);
  const sold = gateways.flatMap(({ interface: interfaces }) => interfaces);
  const networks = read('network')?.filter(
    ({ type, name = '' }) => type === 'interface' && !outside.includes(name),
  );
  const left = networks?.filter((network) => !sold.includes(said(network, 'device') ?? ''));
  if (sold.length === 0 || named.length > 0 || left?.length !== 0) return [];
  return [
    'every network is sold and no device is in allow_mac: from none of them you reach the router, to set it up neither',
  ];
}

function hintsOf(device: string, page: number | undefined, places: GatePlaces): string[] {
  const bridge = bridgeOf(device, places.interfaces);
  if (bridge !== undefined) {
    return [`${device} is a port of ${bridge}, so nothing is held there: name ${bridge} instead`];
  }
  // Only where interfaces can be seen at all: a configuration may be checked on another machine.
  if (existsSync(places.interfaces) && !existsSync(join(places.interfaces, device))) {
    return [`there is no network interface ${device} now: what it is called there (ip link) is what is held`];
  }
  const networks = networksOn(device, places);
  return [
    ...uplinksIn(device, places).map(
      (port) => `${port}, the way to the Internet, is a port of ${device}: people pass within the bridge`,
    ),
    ...zoneless(device, networks, places).map(
      (network) => `network ${network} on ${device} is in no zone of the firewall: give it one`,
    ),
    ...(page === undefined ? [] : closedTo(page, networks, places)).map(
      (zone) =>
        `zone ${zone} of the firewall takes nothing at port ${page}: add a rule, or nobody sees the page`,
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

/** Ports of a bridge that are the devices of networks that lead out: by their name, or since the firewall masquerades there. */
function uplinksIn(device: string, { interfaces, read }: GatePlaces): string[] {
  const folder = join(interfaces, device, 'brif');
  const ports = existsSync(folder) ? readdirSync(folder) : [];
  const masked = zonesIn(read('firewall') ?? []).filter((zone) => said(zone, 'masq') === '1');
  const leading = new Set(['wan', 'wan6', ...masked.flatMap((zone) => wordsOf(zone, 'network'))]);
  const out = read('network')?.filter(({ name = '' }) => leading.has(name)) ?? [];
  const devices = new Set(out.map((one) => said(one, 'device')));
  return ports.filter((port) => devices.has(port));
}

function zonesIn(firewall: readonly OwnSection[]): OwnSection[] {
  return firewall.filter(({ type }) => type === 'zone');
}

function zoneless(device: string, networks: readonly string[], { read }: GatePlaces): string[] {
  const firewall = read('firewall');
  if (!firewall) return [];
  const zones = zonesIn(firewall);
  if (zones.some((zone) => wordsOf(zone, 'device').includes(device))) return [];
  const known = new Set(zones.flatMap((zone) => wordsOf(zone, 'network')));
  return networks.filter((network) => !known.has(network));
}

/** Zones of these networks that refuse what comes to the router, with no rule for a port of TCP. */
function closedTo(port: number, networks: readonly string[], { read }: GatePlaces): string[] {
  const firewall = read('firewall') ?? [];
  const isOpen = (zone: string | undefined) =>
    firewall.some((rule) => {
      if (rule.type !== 'rule' || said(rule, 'target') !== 'ACCEPT' || said(rule, 'enabled') === '0')
        return false;
      const [protocols, ports] = [wordsOf(rule, 'proto'), wordsOf(rule, 'dest_port')];
      return (
        [zone, '*'].includes(said(rule, 'src')) &&
        wordsOf(rule, 'dest').length === 0 &&
        (protocols.length === 0 ||
          protocols.some((one) => ['tcp', 'tcpudp', 'all', 'any', '6'].includes(one))) &&
        (ports.length === 0 || ports.some((range) => isIn(port, range)))
      );
    });
  return zonesIn(firewall)
    .filter((zone) => ['REJECT', 'DROP'].includes(said(zone, 'input') ?? ''))
    .filter((zone) => wordsOf(zone, 'network').some((network) => networks.includes(network)))
    .flatMap((zone) => (isOpen(said(zone, 'name')) ? [] : [said(zone, 'name') ?? '']));
}

/** `2080`, `2000-3000` or `2000:3000` */
function isIn(port: number, range: string): boolean {
  const [first, last = first] = range.split(/[-:]/).map(Number);
  return first !== undefined && last !== undefined && port >= first && port <= last;
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
