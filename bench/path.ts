import type { Hold } from '../src/domain/hold.js';
import type { Mac } from '../src/domain/mac.js';
import { Marks } from '../src/kernel/marks.js';
import { nftAt } from '../src/kernel/nft.js';
import { KernelTable } from '../src/kernel/table.js';
import { nftIn } from '../test/system/rig/kernel-shop.js';
import { buildNetwork, serverAddress } from '../test/system/rig/network.js';
import { startWebServer } from '../test/system/rig/rig.js';
import type { Room } from '../test/system/rig/room.js';
import { pairs, timed } from './pairs.js';

const sessions = 1_000;
const nothing = { up: 0, down: 0 };

/** Throughput of one TCP stream and of 200 with 1,000 sessions in the table, beside the same path without the table. */
export async function measurePath(
  isQuick: boolean,
  say: (what: string, value: string) => void,
): Promise<void> {
  const rooms: Room[] = [];
  try {
    const { gateway, wan, stations } = await buildNetwork(1, rooms);
    await startWebServer(wan);
    const program = nftIn(gateway);
    const nft = nftAt(program.file);
    const holds = new Map(Array.from({ length: sessions }, (_, n) => [`s${n}`, holdOf(n, stations[0]!.mac)]));
    const remove = () => nft(['-f', '-'], 'add table inet turnpike\ndelete table inet turnpike\n');
    for (const [streams, bytes] of [
      [1, isQuick ? 50e6 : 100e6],
      [200, isQuick ? 0.25e6 : 0.5e6],
    ] as const) {
      const load = () => timed(() => download(stations[0]!.room, streams, bytes));
      const through = async () => {
        await tableOf(program.file, holds).audit();
        return load();
      };
      const without = async () => {
        await remove();
        return load();
      };
      const { a, ratio } = await pairs(isQuick ? 3 : 7, without, through);
      const mbit = (streams * bytes * 8) / 1000 / a.median;
      const { median, min, max } = ratio;
      const share = [median, min, max].map((one) => `${(one * 100).toFixed(1)}%`);
      say(
        `throughput with ${sessions} sessions in the table, ${streams} streams`,
        `${share[0]} of ${mbit.toFixed(0)} Mbit/s without it (${share[1]} to ${share[2]})`,
      );
    }
    program.remove();
  } finally {
    await Promise.all(rooms.map((room) => room.close()));
  }
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
