import type { Hold } from '../src/domain/hold.js';
import type { Mac } from '../src/domain/mac.js';
import { counterReader } from '../src/kernel/counters.js';
import { Marks } from '../src/kernel/marks.js';
import { nftAt } from '../src/kernel/nft.js';
import { KernelTable } from '../src/kernel/table.js';
import { nftIn } from '../test/system/rig/kernel-shop.js';
import { Room } from '../test/system/rig/room.js';
import { readCounters } from '../workers/counters.js';
import type { Options } from './options.js';
import { type Pair, pairs, timed } from './pairs.js';

export interface KernelResult {
  readonly sessions: number;
  /** Milliseconds: `a` for an audit, which lists and compares the whole table, `b` for one look at all counters. */
  readonly look: Pair;
  /** `b` for one sale. */
  readonly sale: Pair;
  /** `b` for one top-up. */
  readonly topUp: Pair;
}

/**
 * What a look, a sale and a top-up cost beside an audit, with the real nft in a network namespace of its own.
 * Undefined where there are no namespaces or no nft.
 */
export async function measureKernel({ quick }: Options): Promise<KernelResult[] | undefined> {
  const results: KernelResult[] = [];
  for (const sessions of quick ? [100, 1_000] : [100, 1_000, 10_000]) {
    const result = await measure(sessions, quick ? 3 : 5);
    if (!result) return undefined;
    results.push(result);
  }
  return results;
}

async function measure(sessions: number, rounds: number): Promise<KernelResult | undefined> {
  const room = await Room.open().catch(() => undefined);
  if (!room) return undefined;
  const program = nftIn(room);
  try {
    const holds = new Map(Array.from({ length: sessions }, (_, i) => [`s${i}`, holdOf(i, 1_000_000)]));
    const table = tableOf(program.file, holds);
    await table.audit();
    if (table.status.state !== 'on') return undefined;
    let [cap, next] = [1_000_000, sessions];
    const audit = () => timed(() => table.audit());
    const change = (hold: Hold) => timed(() => table.sync([holds.set(hold.id, hold) && hold.id]));
    return {
      sessions,
      look: await pairs(rounds, audit, () => timed(() => table.read())),
      sale: await pairs(rounds, audit, () => change(holdOf(next++, 1_000_000))),
      topUp: await pairs(rounds, audit, () => {
        cap += 1_000_000;
        return change(holdOf(0, cap));
      }),
    };
  } finally {
    await room.close();
    program.remove();
  }
}

function holdOf(n: number, total: number): Hold {
  const mac = `02:00:00:00:${[n >> 8, n & 255].map((octet) => octet.toString(16).padStart(2, '0')).join(':')}`;
  const none = { up: 0, down: 0 };
  return { id: `s${n}`, mac: mac as Mac, live: true, caps: { total }, used: none, pace: {} };
}

function tableOf(file: string, holds: ReadonlyMap<string, Hold>): KernelTable {
  const marks = new Marks(0xff00_00ff);
  return new KernelTable({
    nft: nftAt(file),
    readAll: counterReader(file, marks.most, readCounters),
    wanted: {
      hold: (id) => holds.get(id),
      holds: () => holds.values(),
      premises: () => [{ interfaces: ['br-lan'], exclusive: true, trusted: [], open: [] }],
    },
    marks,
    log: () => {},
  });
}
