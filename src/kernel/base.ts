import type { OpenTo, Premises } from '../ports/premises.js';
import { chain, frontChains, frontPolice, frontStrangers } from './front.js';
import type { Marks } from './marks.js';
import { awake, caps, counts, paces, rest, sets, table } from './names.js';

/**
 * A request for a connection, of both families; with all options it has 120 bytes. No more than this many a second for
 * all devices together: what nobody pays for is no channel.
 */
const firstOfTcp = 'tcp flags & (fin | syn | rst | ack) == syn meta length <= 120 limit rate 50/second';

/**
 * How long all that comes in passes for a device that was away and has sent, in s: counters are read this often at the
 * least, and that says that it is there. Each packet of its begins it anew. No device counts as away again sooner.
 */
const awakeSeconds = 10;
/**
 * Sessions that may be awake at once. The kernel takes 32 bytes for each when the table is made: 2 MB for 65,535. One too
 * many is not noted: its packets pass and are counted, and little comes in for it before the next look.
 */
const mostAwake = 4_096;

/** The table with its chains and nothing in it, where there is none or an empty one. */
export function baseTable(marks: Marks, premises: readonly Premises[]): string[] {
  return [
    `table ${table} {`,
    `set ${sets.sale} { type ifname; }`,
    `set ${sets.shared} { type ifname; }`,
    `set ${sets.trusted} { type ether_addr; }`,
    `set ${sets.known} { type ether_addr; }`,
    `set ${sets.live} { type mark; }`,
    `set ${sets.paid} { type ether_addr; }`,
    `set ${sets.own} { type mark . ether_addr; }`,
    `set ${sets.away} { type mark; }`,
    `set ${sets.awayOwn} { type mark . ether_addr; }`,
    `set ${awake} { type mark; size ${mostAwake}; flags dynamic,timeout; timeout ${awakeSeconds}s; }`,
    `set ${sets.denied} { type ether_addr; }`,
    `set ${sets.garden} { type ipv4_addr; }`,
    `set ${sets.garden6} { type ipv6_addr; }`,
    ...marks.groups.map(({ map }) => `map ${map} { type ether_addr : verdict; }`),
    ...paces.map(({ way, map }) => `map ${map} { type ${way === 'up' ? 'ether_addr' : 'mark'} : limit; }`),
    ...caps.map(({ map }) => `map ${map} { type mark : quota; }`),
    `map ${rest.map} { type mark : quota; }`,
    ...counts.map(({ map }) => `map ${map} { type mark : counter; }`),
    ...marks.groups.flatMap(({ chains }) => [...chains].flatMap(([name, bits]) => marking(name, bits))),
    ...chain('assign', assignRules(marks)),
    ...chain('free', [unlessLive(marks, marks.free)]),
    ...chain('strangers', strangerRules(marks, premises)),
    ...chain('pass_up', passRules(marks, 'up')),
    ...chain('pass_down', passRules(marks, 'down')),
    // First what drops it and counts it: who is awake is billed for what woke them, so the next look knows.
    ...chain('wake', ['jump pass_up', `update @${awake} { ${markIn(marks)} }`]),
    ...chain('rest', restRules(marks)),
    ...chain('up', upRules(marks)),
    ...chain('down', downRules(marks)),
    // Portals count upload in mangle (-150) and later, before they know whether the packet passes, so what is
    // beyond the rate is dropped before that. Packets to the router itself are limited too.
    ...chain('police', [
      'type filter hook prerouting priority -155; policy accept;',
      ...frontPolice(premises),
      `limit name ether saddr map @${paces[0].map} drop`,
    ]),
    ...chain('hold', ['type filter hook forward priority 5; policy accept;', ...holdRules(marks, premises)]),
    ...frontChains(premises),
    '}',
  ];
}

function marking(name: string, bits: number): string[] {
  return chain(name, [`ct mark set ct mark or ${hex(bits)}`]);
}

/** What every packet meets that is forwarded: rules for interfaces that portals share stand there where one does. */
function holdRules(marks: Marks, premises: readonly Premises[]): string[] {
  const isShared = premises.some(({ exclusive }) => !exclusive);
  const shared = (rule: string) => (isShared ? [rule] : []);
  return [
    `iifname @${sets.sale} jump up`,
    ...shared(`iifname @${sets.shared} ether saddr @${sets.known} jump up`),
    `oifname @${sets.sale} jump down`,
    ...shared(`oifname @${sets.shared} ct mark and ${hex(marks.mask)} != 0 jump down`),
  ];
}

/**
 * Clears the mark of an earlier session, and gives the connection to the session that the device has now. Without one
 * the mark stays: where portals share an interface, what comes in on a connection with none is none of ours.
 */
function assignRules(marks: Marks): string[] {
  return [
    `ether saddr != @${sets.paid} return`,
    clearing(marks),
    ...marks.groups.map(({ map }) => `ether saddr vmap @${map}`),
  ];
}

// A rule about the mark matches no packet that conntrack does not follow, so what passes is named, and all else
// goes to the strangers or is dropped. Most packets are of a connection that is known, so that is asked first.
function upRules(marks: Marks): string[] {
  const mark = markIn(marks);
  // With the MAC: whoever sends in the name of a customer's address, paid or not, would send on their connection.
  const pass = `${mark} . ether saddr @${sets.own} goto pass_up`;
  return [
    pass,
    `${mark} == ${hex(marks.free)} return`,
    `${mark} != @${sets.live} ${mark} != @${sets.away} jump assign`,
    pass,
    `${mark} . ether saddr @${sets.awayOwn} goto wake`,
    'goto strangers',
  ];
}

// There is no MAC of the customer in packets to them: the mark on the connection says whose they are. One that is
// dead gives way to the mark of dead connections: it never becomes somebody else's, and nothing more comes in.
// Whoever connects to a device from outside, as an owner to their access point, is known by its answer, so the first
// packet of TCP passes where it carries nothing.
function downRules(marks: Marks): string[] {
  const mark = markIn(marks);
  return [
    `${mark} @${sets.live} goto pass_down`,
    `${mark} == ${hex(marks.free)} return`,
    `${mark} @${sets.away} goto rest`,
    `${mark} == 0 ${firstOfTcp} return`,
    `${clearing(marks)} or ${hex(marks.dead)}`,
    'drop',
  ];
}

// Those who are not away meet none of this. A connection keeps its mark, so that all goes on when the device sends.
function restRules(marks: Marks): string[] {
  const mark = markIn(marks);
  return [`${mark} @${awake} goto pass_down`, `quota name ${mark} map @${rest.map} drop`, 'goto pass_down'];
}

// A quota also counts the packets that it drops. So the limits stand before the quotas, and the counters,
// which must see only packets that passed, stand behind all drops.
function passRules(marks: Marks, way: 'up' | 'down'): string[] {
  const mark = markIn(marks);
  const other = way === 'up' ? 'down' : 'up';
  return [
    ...(way === 'down' ? [`limit name ${mark} map @${paces[1].map} drop`] : []),
    ...caps.filter(({ kind }) => kind !== other).map(({ map }) => `quota name ${mark} map @${map} drop`),
    `counter name ${mark} map @${counts.find((count) => count.way === way)!.map}`,
  ];
}

/** What passes without a session, and the end of all else. */
function strangerRules(marks: Marks, premises: readonly Premises[]): string[] {
  const open = premises.flatMap(({ interfaces, open, garden }) => [
    ...open.flatMap((to) => openRules(interfaces, to)),
    ...(garden ? gardenRules(interfaces, garden.ports) : []),
  ]);
  const end = [unlessLive(marks, marks.dead), 'drop'];
  return [`ether saddr @${sets.trusted} goto free`, ...open, ...frontStrangers(premises), ...end];
}

/** Marks a connection, unless it is a customer's: whoever sends in the name of their address takes it from nobody. */
function unlessLive(marks: Marks, bits: number): string {
  const mark = markIn(marks);
  return `${mark} != @${sets.live} ${mark} != @${sets.away} ${clearing(marks)} or ${hex(bits)}`;
}

function openRules(interfaces: readonly string[], { protocol, port, lastPort, to, shut }: OpenTo): string[] {
  const family = to === undefined ? '' : to.includes(':') ? `ip6 daddr ${to} ` : `ip daddr ${to} `;
  const kinds = protocol === 'icmp' ? '{ icmp, ipv6-icmp }' : protocol;
  const what = kinds === undefined ? '' : `meta l4proto ${kinds} `;
  const range = lastPort === undefined ? port : `${port}-${lastPort}`;
  const where = port === undefined ? '' : `th dport ${range} `;
  const verdict = shut ? 'drop' : 'goto free';
  return interfaces.map((name) => `iifname "${name}" ${family}${what}${where}${verdict}`);
}

function gardenRules(interfaces: readonly string[], ports: readonly number[]): string[] {
  const where = ports.length === 0 ? '' : `tcp dport { ${ports.join(', ')} } `;
  const to = [`ip daddr @${sets.garden}`, `ip6 daddr @${sets.garden6}`];
  return interfaces.flatMap((name) => to.map((place) => `iifname "${name}" ${place} ${where}goto free`));
}

function clearing(marks: Marks): string {
  return `ct mark set ct mark and ${hex(2 ** 32 - 1 - marks.mask)}`;
}

function markIn(marks: Marks): string {
  return `ct mark and ${hex(marks.mask)}`;
}

function hex(bits: number): string {
  return `0x${bits.toString(16).padStart(8, '0')}`;
}
