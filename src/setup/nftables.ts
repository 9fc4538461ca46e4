import { parseMac } from '../domain/mac.js';
import { refuse } from '../domain/refuse.js';
import type { OwnSection } from '../ports/portal.js';
import type { Result } from '../ports/result.js';
import { pagePort } from './page-rules.js';
import { listOf, optionOf } from './sections.js';
import type { Setting, Site, Target, Value } from './target.js';

type Read = Site['read'];
type Own = { readonly section: string; readonly found: OwnSection };

/** Options that only portal daemons have. */
const ofDaemons = ['transport', 'command', 'socket', 'restart', 'portal_config', 'exclusive', 'double_mac'];
/** The table and the sets of open names, src/portals/nftables. */
const names = { table: 'turnpike_names', sets: ['open4', 'open6'] };
const falsehoods = ['0', 'off', 'false', 'no', 'disabled'];
const impossible = (why: string) => refuse('setup_impossible', why);

/**
 * turnpike at the gate itself: the gateway there is changes its type. Who administers the router from
 * the customers' network would lose it, so a device that keeps its way there, or `none`, must be named.
 */
export const nftables: Target = {
  summary: 'turnpike itself at the gate, without a portal daemon',
  danger: 'customers do not find the page, or names that are open stay shut',
  gateway: 'nftables',
  files: ['dhcp', 'network'],
  reads: ['opennds', 'nodogsplash'],
  service: '/etc/init.d/dnsmasq',
  proposal(gateways, read) {
    if (gateways.length > 1 || gateways.some(({ type }) => type === 'nftables' || read(type)))
      return undefined;
    return 'no portal is installed: turnpike can be at the gate itself';
  },
  plan(site) {
    const { own, read } = site;
    const gateway = gatewayIn(read(own) ?? []);
    if (!gateway.ok) return gateway;
    const where = interfacesFor(site, gateway.value);
    if (!where.ok) return where;
    const trusted = trustedFor(site, gateway.value, where.value);
    if (!trusted.ok) return trusted;
    const page = pagePort(site);
    if (!page.ok) return page;
    const { section, found } = gateway.value;
    const options: Record<string, Value> = {
      type: 'nftables',
      interface: where.value,
      allow_mac: trusted.value,
    };
    for (const option of ofDaemons) options[option] = undefined;
    const settings = Object.entries(options).map(
      ([option, value]): Setting => ({ file: own, section, option, value }),
    );
    const open = listOf(found, 'allow_host');
    return {
      ok: true,
      value: { settings: [...settings, page.value, ...namesFor(read('dhcp') ?? [], open)], pages: [] },
    };
  },
};

/** The gateway of this type that is switched on, or the only one of another type. */
function gatewayIn(sections: readonly OwnSection[]): Result<Own> {
  const all = sections.filter(({ type }) => type === 'gateway');
  const entries = all.map((found, at) => ({ found, section: found.name ?? `@gateway[${at}]` }));
  const on = entries.filter(({ found }) => !falsehoods.includes(String(optionOf(found, 'enabled'))));
  const one = on.find(({ found }) => isOurs(found)) ?? (on.length === 1 ? on[0] : undefined);
  if (one) return { ok: true, value: one };
  return impossible(`there are ${on.length} gateways: set type 'nftables' of one by hand`);
}

function isOurs(found: OwnSection): boolean {
  return optionOf(found, 'type') === 'nftables';
}

/** Where the customers are: as asked, as set, as the portal has it that is installed, or the only bridge. */
function interfacesFor({ wish, interfaces = [], read }: Site, { found }: Own): Result<readonly string[]> {
  if (wish?.interface !== undefined) {
    if (!/^[A-Za-z0-9_.@-]{1,15}$/.test(wish.interface))
      return refuse('bad_argument', 'interface must be the name of a network interface such as br-lan');
    return { ok: true, value: [wish.interface] };
  }
  const set = listOf(found, 'interface');
  if (set.length > 0) return { ok: true, value: set };
  const type = optionOf(found, 'type');
  if (typeof type === 'string' && read(type) && interfaces.length > 0) return { ok: true, value: interfaces };
  const bridges = bridgesIn(read);
  if (bridges.length > 1)
    return impossible(`there are several bridges, ${bridges.join(', ')}: say whose devices buy (interface)`);
  return { ok: true, value: bridges.length > 0 ? bridges : ['br-lan'] };
}

/** Bridges on which a network is. */
function bridgesIn(read: Read): string[] {
  const network = read('network') ?? [];
  const used = network.filter(({ type }) => type === 'interface').map((one) => optionOf(one, 'device'));
  const bridges = network.filter((one) => one.type === 'device' && optionOf(one, 'type') === 'bridge');
  return bridges.flatMap((one) => {
    const name = optionOf(one, 'name');
    return typeof name === 'string' && used.includes(name) ? [name] : [];
  });
}

/** Devices that reach the router without a session. Who sells already has chosen them. */
function trustedFor({ wish }: Site, { found }: Own, where: readonly string[]): Result<readonly string[]> {
  const set = listOf(found, 'allow_mac');
  const { allowMac } = wish ?? {};
  if (allowMac === undefined && (set.length > 0 || isOurs(found))) return { ok: true, value: set };
  if (allowMac === undefined) {
    const loss = `no device on ${where.join(', ')} reaches LuCI and ssh of this router any more`;
    return impossible(`${loss}: name your own (allow_mac), or say none where you come from another network`);
  }
  if (allowMac === 'none') return { ok: true, value: set };
  const mac = parseMac(allowMac);
  if (mac === undefined)
    return refuse('bad_argument', 'allow_mac must be a MAC address such as 02:00:00:00:00:01, or none');
  return { ok: true, value: set.some((one) => parseMac(one) === mac) ? set : [...set, mac] };
}

/** What tells dnsmasq to put addresses of open names where turnpike looks for them. */
function namesFor(dhcp: readonly OwnSection[], open: readonly string[]): Setting[] {
  if (open.length === 0) return [];
  const all = dhcp.filter(({ type }) => type === 'ipset');
  const at = all.findIndex((one) => optionOf(one, 'table') === names.table);
  const section = at < 0 ? names.table : (all[at]?.name ?? `@ipset[${at}]`);
  const options = { name: names.sets, table: names.table, table_family: 'inet', domain: open };
  return [
    ...(at < 0 ? [made('dhcp', section, 'ipset')] : []),
    ...Object.entries(options).map(([option, value]): Setting => ({ file: 'dhcp', section, option, value })),
  ];
}

function made(file: string, section: string, type: string): Setting {
  return { file, section, option: '', value: type };
}
