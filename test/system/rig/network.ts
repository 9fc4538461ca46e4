import { until } from '../../rig/until.js';
import { Room, run } from './room.js';

/** The portal's side of the customers' network; the default route of every client. */
export const gatewayAddress = '10.77.0.1';

/** The web server (RFC 5737), one hop behind the gateway. */
export const serverAddress = '203.0.113.2';
/** The same with IPv6, where a rig has it. */
export const serverAddress6 = 'fd03::2';

/** A client's room with the addresses that the portal knows it by. */
export interface Station {
  readonly room: Room;
  readonly mac: string;
  readonly ip: string;
  /** Its IPv6 address, where the rig has IPv6. */
  readonly ip6: string;
}

/** The rooms, wired: clients on the bridge `br-lan` of the gateway, the web server behind it. Plain routes, no NAT. */
export interface Network {
  readonly gateway: Room;
  readonly wan: Room;
  readonly stations: readonly Station[];
}

/** Opens and wires the rooms; whatever is open already when a step fails is in `opened` and is the caller's to close. */
export async function buildNetwork(clients: number, opened: Room[], ipv6 = false): Promise<Network> {
  const open = async () => {
    const room = await Room.open();
    opened.push(room);
    return room;
  };
  const gateway = await open();
  await gateway.run('sh', ['-c', gatewaySetup]);
  const wan = await open();
  await plug(gateway, 'wan0', wan);
  await gateway.run('ip', ['addr', 'add', '203.0.113.1/30', 'dev', 'wan0']);
  await configure(wan, [`addr add ${serverAddress}/30 dev eth0`, 'route add 10.77.0.0/24 via 203.0.113.1']);
  const stations: Station[] = [];
  for (let n = 1; n <= clients; n++) stations.push(await addStation(gateway, await open(), n));
  if (ipv6) await addIpv6(gateway, wan, stations);
  return { gateway, wan, stations };
}

const gatewaySetup = `
  ip link add br-lan type bridge &&
  ip link set br-lan address 02:77:00:00:00:01 up &&
  ip addr add ${gatewayAddress}/24 dev br-lan &&
  echo 1 >/proc/sys/net/ipv4/ip_forward`;

async function addStation(gateway: Room, room: Room, n: number): Promise<Station> {
  const host = 10 + n;
  const mac = `02:77:00:00:01:${host.toString(16).padStart(2, '0')}`;
  const ip = `10.77.0.${host}`;
  await plug(gateway, `c${n}`, room);
  await gateway.run('ip', ['link', 'set', `c${n}`, 'master', 'br-lan']);
  await configure(room, [`link set eth0 address ${mac}`, `addr add ${ip}/24 dev eth0`]);
  await configure(room, [`route add default via ${gatewayAddress}`]);
  return { room, mac, ip, ip6: `fd77::${host}` };
}

/** Addresses and plain routes of IPv6 beside those of IPv4. */
async function addIpv6(gateway: Room, wan: Room, stations: readonly Station[]): Promise<void> {
  const on = 'echo 0 | tee /proc/sys/net/ipv6/conf/*/disable_ipv6';
  const set = (room: Room, lines: string) => room.run('sh', ['-c', `${on} && ${lines}`]);
  const forwarding = 'echo 1 >/proc/sys/net/ipv6/conf/all/forwarding';
  const address = (ip: string, dev: string) => `ip addr add ${ip}/64 dev ${dev} nodad`;
  await set(gateway, `${forwarding} && ${address('fd77::1', 'br-lan')} && ${address('fd03::1', 'wan0')}`);
  await set(wan, `${address(serverAddress6, 'eth0')} && ip route add fd77::/64 via fd03::1`);
  for (const { room, ip6 } of stations)
    await set(room, `${address(ip6, 'eth0')} && ip route add default via fd77::1`);
  // Nobody asks for a neighbour before their own link-local address is known to be theirs alone.
  const isSettled = async (room: Room) => (await room.run('ip', ['-6', 'addr', 'show', 'tentative'])) === '';
  for (const room of [gateway, wan, ...stations.map((one) => one.room)])
    await until('addresses', () => isSettled(room));
}

/**
 * Joins `eth0` of a room to a new link of the gateway.
 *
 * One segment a packet on both ends: else the kernel hands 64 KiB pieces through with one header each, and the
 * counters on the way show fewer octets than a real link carries.
 */
async function plug(gateway: Room, name: string, room: Room): Promise<void> {
  const ends = [`netns ${gateway.pid}`, `netns ${room.pid}`].map((place) => `${place} gso_max_segs 1`);
  await run('ip', `link add ${name} ${ends[0]} type veth peer name eth0 ${ends[1]}`.split(' '));
  await gateway.run('ip', ['link', 'set', name, 'up']);
  await configure(room, ['link set eth0 up']);
}

async function configure(room: Room, lines: readonly string[]): Promise<void> {
  await room.run('ip', ['-batch', '-'], `${lines.join('\n')}\n`);
}
