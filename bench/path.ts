import { once } from 'node:events';
import type { Hold } from '../src/domain/hold.js';
import type { Mac } from '../src/domain/mac.js';
import { Marks } from '../src/kernel/marks.js';
import { nftAt } from '../src/kernel/nft.js';
import { KernelTable } from '../src/kernel/table.js';
import { nftIn } from '../test/system/rig/kernel-shop.js';
import { buildNetwork, type Network, serverAddress } from '../test/system/rig/network.js';
import { startWebServer } from '../test/system/rig/rig.js';
import type { Room } from '../test/system/rig/room.js';
import { firewall } from './firewall.js';
import { pairs, timed } from './pairs.js';

const sessions = 1_000;
const nothing = { up: 0, down: 0 };

/** The port at the server that takes datagrams and keeps none. */
const port = 9;
/** A datagram that is not this short is dropped at the server. */
const shortest = 100;

type Say = (what: string, value: string) => void;

/** A router between a device and a web server. */
interface Path {
  readonly network: Network;
  /** Our table of {@link sessions}, put there and taken away. */
  readonly put: () => Promise<void>;
  readonly remove: () => Promise<unknown>;
}

/**
 * What the table costs with 1,000 sessions in it, beside the same path without it, in turns: the CPU of a packet, and the
 * throughput of one TCP stream and of 200. On a router with a firewall, and on a kernel without rules, which follows no
 * connections. Each packet has one segment, as on the wire, or as many as the kernel joins (GRO).
 */
export async function measurePath(isQuick: boolean, say: Say): Promise<void> {
  const rooms: Room[] = [];
  const rounds = isQuick ? 3 : 7;
  try {
    const network = await buildNetwork(1, rooms);
    const { gateway, wan, stations } = network;
    await startWebServer(wan);
    await startSink(wan);
    // As OpenWrt has it: what stays within the bridge is not the firewall's.
    const bridge = '/proc/sys/net/bridge/bridge-nf-call-iptables';
    await gateway.run('sh', ['-c', `if [ -e ${bridge} ]; then echo 0 >${bridge}; fi`]);
    const program = nftIn(gateway);
    const nft = nftAt(program.file);
    const holds = new Map(Array.from({ length: sessions }, (_, n) => [`s${n}`, holdOf(n, stations[0]!.mac)]));
    const path: Path = {
      network,
      put: () => tableOf(program.file, holds).audit(),
      remove: () => nft(['-f', '-'], 'add table inet turnpike\ndelete table inet turnpike\n'),
    };
    for (const where of ['no rules at all', 'a firewall like fw4']) {
      if (where !== 'no rules at all') await nft(['-f', '-'], firewall);
      await measurePackets(path, isQuick, where, say);
      for (const segments of [1, 65_535]) {
        await join(network, segments);
        const kind = segments === 1 ? 'one segment a packet' : 'joined segments';
        const [one, each] = segments === 1 ? [100e6, 2e6] : [400e6, 4e6];
        await measureStreams(path, rounds, 1, isQuick ? one / 2 : one, `${where}, ${kind}`, say);
        await measureStreams(path, rounds, 200, isQuick ? each / 4 : each, `${where}, ${kind}`, say);
      }
      await join(network, 1);
    }
    program.remove();
  } finally {
    await Promise.all(rooms.map((room) => room.close()));
  }
}

async function measureStreams(
  path: Path,
  rounds: number,
  streams: number,
  bytes: number,
  where: string,
  say: Say,
) {
  const load = () => timed(() => download(path.network.stations[0]!.room, streams, bytes));
  const { a, ratio } = await pairs(rounds, ...inTurns(path, load));
  const mbit = (streams * bytes * 8) / 1000 / a.median;
  const [median, min, max] = [ratio.median, ratio.min, ratio.max].map((one) => `${(one * 100).toFixed(1)}%`);
  say(
    `throughput with the table, ${streams} streams, ${where}`,
    `${median} of ${mbit.toFixed(0)} Mbit/s (${min} to ${max})`,
  );
}

/** CPU of a packet from the device to the server, the sending and the taking of it included. */
async function measurePackets(path: Path, isQuick: boolean, where: string, say: Say): Promise<void> {
  const { room } = path.network.stations[0]!;
  const send = async () => Number(await room.run('python3', ['-c', sending, serverAddress]));
  const { a, b } = await pairs(isQuick ? 5 : 15, ...inTurns(path, send));
  const more = ((b.median / a.median - 1) * 100).toFixed(1);
  say(
    `CPU of a packet, ${where}`,
    `${a.median.toFixed(0)} ns, with the table ${b.median.toFixed(0)} ns: ${more}% more`,
  );
}

/** The same measure without the table and with it. */
function inTurns({ put, remove }: Path, measure: () => Promise<number>) {
  const without = async () => {
    await remove();
    return measure();
  };
  const through = async () => {
    await put();
    return measure();
  };
  return [without, through] as const;
}

/** Has the kernel put so many segments into a packet on each link. */
async function join({ gateway, wan, stations }: Network, segments: number): Promise<void> {
  const set = (room: Room, name: string) =>
    room.run('ip', ['link', 'set', name, 'gso_max_segs', String(segments)]);
  await Promise.all([set(gateway, 'wan0'), set(gateway, 'c1'), set(wan, 'eth0')]);
  await set(stations[0]!.room, 'eth0');
}

/** Sends 50,000 datagrams on a connection that has an answer, and prints the nanoseconds of CPU of each. */
const sending = `
import socket, sys, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.settimeout(10)
s.connect((sys.argv[1], ${port}))
s.send(b'hello'); s.recv(9)
data, count = bytes(1000), 50000
began = time.thread_time_ns()
for _ in range(count): s.send(data)
print((time.thread_time_ns() - began) / count)
`;

const taking = `
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(('', ${port}))
print('ready', flush=True)
while True: s.sendto(b'hello', s.recvfrom(9)[1])
`;

async function startSink(wan: Room): Promise<void> {
  const drop = `udp dport ${port} meta length > ${shortest} drop`;
  const chain = `chain in {\n type filter hook prerouting priority -400;\n ${drop}\n}`;
  await wan.run('nft', ['-f', '-'], `table inet sink {\n${chain}\n}\n`);
  const { stdout } = wan.start('python3', ['-c', taking]);
  await once(stdout, 'data');
}

/** Fetches by so many connections at once. */
async function download(room: Room, streams: number, bytes: number): Promise<void> {
  const url = `http://${serverAddress}/?bytes=${bytes}&n=[1-${streams}]`;
  const curl = [
    '-Z',
    '--parallel-immediate',
    '--parallel-max',
    String(streams),
    '-s',
    '-o',
    '/dev/null',
    url,
  ];
  await room.run('curl', curl);
}

/** The first is the device that loads; it has caps, so that every rule is met. */
function holdOf(n: number, first: string): Hold {
  const other = `02:00:00:00:${[n >> 8, n & 255].map((octet) => octet.toString(16).padStart(2, '0')).join(':')}`;
  const mac = (n === 0 ? first : other) as Mac;
  return { id: `s${n}`, mac, live: true, caps: { total: 1e15 }, used: nothing, pace: {} };
}

function tableOf(file: string, holds: ReadonlyMap<string, Hold>): KernelTable {
  return new KernelTable({
    nft: nftAt(file),
    readAll: async () => ({ moved: [], seen: 0 }),
    wanted: {
      hold: (id) => holds.get(id),
      holds: () => holds.values(),
      premises: () => [
        {
          ...{ interfaces: ['br-lan'], exclusive: true, trusted: [], open: [] },
          front: { redirect: true, dns: 'any', page: 2080 },
        },
      ],
    },
    marks: new Marks(0xff00_00ff),
    log: () => {},
  });
}
