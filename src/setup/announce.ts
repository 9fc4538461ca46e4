import { refuse } from '../domain/refuse.js';
import type { OwnSection } from '../ports/portal.js';
import { listOf, optionOf } from './sections.js';
import type { Setting, Target } from './target.js';

/** DHCPv4's option for a captive portal (RFC 8910 §2.1); 160 is what it was before. */
const dhcpOption = '114';

/**
 * Tells phones where they are told what is left (RFC 8910): dnsmasq by DHCPv4, odhcpd by router advertisements and
 * DHCPv6. Only over HTTPS by a name that a phone can check, for phones believe this more than their own probes: what does
 * not answer must not be announced.
 */
export const announce: Target = {
  summary: 'dnsmasq and odhcpd: phones are told where the page is, and what is left (RFC 8910)',
  danger: 'phones find the page by their own probes alone, and do not show what is left',
  files: ['dhcp', 'network'],
  service: '/etc/init.d/dnsmasq',
  also: ['/etc/init.d/odhcpd'],
  plan({ address, api, interfaces = [], read }) {
    if (!api?.ok) return api ?? refuse('setup_impossible', 'there is no page');
    if (address === undefined) {
      return refuse(
        'setup_impossible',
        'the network of the customers has no IPv4 address yet: bring it up first',
      );
    }
    const dhcp = read('dhcp') ?? [];
    const networks = networksOn(read('network') ?? [], interfaces);
    const served = named(dhcp, 'dhcp').filter(({ found }) => networks.has(textOf(found, 'interface')));
    if (served.length === 0) {
      const where = interfaces.join(', ');
      return refuse(
        'setup_impossible',
        `no section of dhcp is for a network on ${where}: announce it by hand`,
      );
    }
    const url = api.value;
    const settings = served.flatMap(({ section, found }): Setting[] => [
      { file: 'dhcp', section, option: 'dhcp_option', value: withOption(found, url) },
      { file: 'dhcp', section, option: 'captive_portal_uri', value: url },
    ]);
    return { ok: true, value: { settings: [...settings, ...nameOf(dhcp, url, address)], pages: [] } };
  },
};

/** Networks of UCI that are on one of these devices. */
function networksOn(sections: readonly OwnSection[], interfaces: readonly string[]): Set<string> {
  const on = sections.filter(
    (one) => one.type === 'interface' && interfaces.includes(textOf(one, 'device') || textOf(one, 'ifname')),
  );
  return new Set(on.flatMap(({ name }) => name ?? []));
}

/** Customers find the router under the page's name, whatever the name means elsewhere. */
function nameOf(dhcp: readonly OwnSection[], url: string, address: string): Setting[] {
  return named(dhcp, 'dnsmasq').map(({ section, found }) => {
    const entry = `/${new URL(url).hostname}/${address}`;
    const now = listOf(found, 'address');
    return {
      ...{ file: 'dhcp', section, option: 'address' },
      value: now.includes(entry) ? now : [...now, entry],
    };
  });
}

function withOption(found: OwnSection, url: string): readonly string[] {
  const others = listOf(found, 'dhcp_option').filter((one) => !one.trim().startsWith(`${dhcpOption},`));
  return [...others, `${dhcpOption},${url}`];
}

/** The sections of a type, as `uci` names them. */
function named(sections: readonly OwnSection[], type: string) {
  const all = sections.filter((one) => one.type === type);
  return all.map((found, at) => ({ found, section: found.name ?? `@${type}[${at}]` }));
}

function textOf(section: OwnSection, option: string): string {
  const value = optionOf(section, option);
  return typeof value === 'string' ? value : '';
}
