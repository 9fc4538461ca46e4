import { choice, flag, kindOf, path, span, text } from '../../config/kind.js';
import { list, option } from '../../config/option.js';
import { type ConfigOf, section } from '../../config/section.js';
import { parseMac } from '../../domain/mac.js';
import { checkPolls, common, device, enabled } from '../section.js';

const mac = kindOf('the MAC address of a device such as 02:00:00:00:00:01', parseMac);
const host = text(
  /^(?=.{1,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/,
  'a name such as pay.example.com, in lower case',
);
const { poll_min, poll_max, poll_share } = common;

/** `config gateway` with `option type 'nftables'`. */
export const nftables = section({
  type: 'gateway',
  about: 'turnpike itself, without a portal daemon',
  enabled,
  options: {
    interface: list(device, {
      needed: true,
      examples: ['br-lan'],
      key: (name) => name,
      help: "The network interfaces of this portal's customers: bridges, VLANs. Name the bridge, never a port of it.",
    }),
    allow_mac: list(mac, {
      absent: 'there is none',
      examples: ['02:00:00:00:00:01'],
      key: (one) => one,
      help: "Devices that need no session, and reach the router itself: the owner's own.",
    }),
    deny_mac: list(mac, {
      absent: 'there is none',
      examples: ['02:00:00:00:00:02'],
      key: (one) => one,
      help: 'Devices that pass nothing and reach nothing, whatever they buy.',
    }),
    allow_host: list(host, {
      absent: 'there is none',
      examples: ['pay.example.com'],
      key: (one) => one,
      help: 'Names that are open to everybody, with the names below them. dnsmasq says which addresses they have: it needs `nftset` (the package dnsmasq-full) and a section `ipset`, see docs/portals.md.',
    }),
    allow_dns: option(
      choice({
        router: 'only when they ask the router',
        any: 'whomever they ask: the router answers',
      }),
      {
        default: 'any',
        help: 'How devices without a session get names looked up. No query of theirs leaves the router but its own, and each device has 5 a second.',
      },
    ),
    redirect: option(flag, {
      default: '1',
      help: "1: plain web pages of devices without a session lead to turnpike's page. 0: they fail.",
    }),
    away_after: option(span('10s', '1h'), {
      default: '5min',
      help: 'A device that has not been heard for this long counts as away. No packet is sent to find out. Access points of the router itself say at once who has left.',
    }),
    ip: option(path, {
      default: '/sbin/ip',
      help: 'The program that lists the devices on a network, `ip neigh`.',
      notInLuci: 'every router has it at this place',
    }),
    ...{ poll_min, poll_max, poll_share },
  },
  check: checkPolls,
  make: (values, name) => ({
    ...{ name, type: 'nftables' as const, exclusive: true, doubleMac: 'report' as const },
    ...values,
  }),
});

export type NftablesConfig = ConfigOf<typeof nftables>;
