import type { Front, Premises } from '../ports/premises.js';
import { asking, sets } from './names.js';

/** Names that a device without a session may ask for in a second, and at once: a phone that joins asks for some 50. */
const names = { rate: 5, burst: 60 };
/** For all devices together, in packets a second: whoever makes up addresses of devices gets no more. */
const namesOfAll = 2_000;
/** Webs that are refused at once, so that phones try plain HTTP or fall back to plain DNS: HTTPS, and DNS over TLS. */
const refused = '{ 443, 853 }';
/** What IPv6 cannot do without on a link (RFC 4861, RFC 3810). */
const neighbourly =
  '{ nd-router-solicit, nd-neighbor-solicit, nd-neighbor-advert, mld-listener-report, mld-listener-done, mld2-listener-report }';
const ofNames = 'meta l4proto { tcp, udp } th dport 53';

interface Place extends Front {
  readonly name: string;
}

/** A chain in the text of a table. */
export function chain(name: string, rules: readonly string[]): string[] {
  return [`chain ${name} {`, ...rules, '}'];
}

/** What stands before everything else: devices that are shut out, and how fast those without a session look names up. */
export function frontPolice(premises: readonly Premises[]): string[] {
  const shutOut = premises.some(({ denied = [] }) => denied.length > 0);
  return placesOf(premises).flatMap(({ name }) => [
    ...(shutOut ? [`iifname "${name}" ether saddr @${sets.denied} drop`] : []),
    // The port first, for it tells most packets apart at once.
    `iifname "${name}" th dport 53 meta l4proto { tcp, udp } jump ask`,
  ]);
}

/** Answers what is forwarded to nobody, so that a phone does not wait for it. */
export function frontStrangers(premises: readonly Premises[]): string[] {
  return placesOf(premises).map(({ name }) => `iifname "${name}" tcp dport ${refused} reject with tcp reset`);
}

/**
 * The chains by which the router shows its page to devices without a session, and nothing else of its own: in the place
 * of a portal's program. None where each portal has one.
 */
export function frontChains(premises: readonly Premises[]): string[] {
  const places = placesOf(premises);
  if (places.length === 0) return [];
  return [
    // A time-out, for phones make up addresses.
    `set ${asking} { type ether_addr; size 65535; flags dynamic,timeout; timeout 60s; }`,
    ...chain('ask', [...others(), ...limitRules()]),
    // Before the firewall's own (-100): the first rule that translates a connection decides.
    ...chain('lead', [
      'type nat hook prerouting priority -105; policy accept;',
      ...others(),
      `ip daddr @${sets.garden} return`,
      `ip6 daddr @${sets.garden6} return`,
      ...places.flatMap(leadRules),
    ]),
    // Before the firewall's own (0), which decides about what is left.
    ...chain('knock', [
      'type filter hook input priority -5; policy accept;',
      ...places.map(({ name }) => `iifname "${name}" jump guest`),
    ]),
    ...chain('guest', [...others(), ...guestRules(places)]),
  ];
}

function placesOf(premises: readonly Premises[]): Place[] {
  return premises.flatMap(({ interfaces, front }) =>
    front ? interfaces.map((name) => ({ ...front, name })) : [],
  );
}

/** Devices that are no guests. */
function others(): string[] {
  return [sets.paid, sets.trusted].map((set) => `ether saddr @${set} return`);
}

function limitRules(): string[] {
  const { rate, burst } = names;
  return [
    `update @${asking} { ether saddr limit rate over ${rate}/second burst ${burst} packets } drop`,
    `limit rate over ${namesOfAll}/second burst ${namesOfAll} packets drop`,
  ];
}

function leadRules({ name, page, redirect, dns }: Place): string[] {
  return [
    ...(redirect && page !== undefined ? [`iifname "${name}" tcp dport 80 redirect to :${page}`] : []),
    ...(dns === 'any' ? [`iifname "${name}" ${ofNames} redirect to :53`] : []),
  ];
}

// Pings and all else of the router's are for customers: nothing here is a way to the router's own pages.
function guestRules(places: readonly Place[]): string[] {
  const ports = [...new Set(places.flatMap(({ page, also = [] }) => [page ?? [], also].flat()))];
  return [
    'udp sport 68 udp dport 67 return',
    'udp sport 546 udp dport 547 return',
    `icmpv6 type ${neighbourly} return`,
    'meta l4proto { icmp, ipv6-icmp } ct state related return',
    // No TCP: one packet of it carries many questions, and acknowledges any amount of answers.
    'udp dport 53 return',
    ...ports.map((port) => `tcp dport ${port} return`),
    'meta l4proto tcp reject with tcp reset',
    'drop',
  ];
}
