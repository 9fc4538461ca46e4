import type { Hold } from '../../src/domain/hold.js';
import type { Mac } from '../../src/domain/mac.js';
import { Marks } from '../../src/kernel/marks.js';
import { KernelTable } from '../../src/kernel/table.js';
import type { Witness } from '../../src/kernel/witness.js';
import type { Wanted } from '../../src/ports/kernel.js';
import type { Premises } from '../../src/ports/premises.js';
import { Kernel } from './simulated.js';

export const marks = new Marks(0x00ff_0000);

export const macOf = (n: number): Mac => `02:00:00:00:00:${n.toString(16).padStart(2, '0')}` as Mac;

/** A hold of the session `id`, on a device of its own for each length of the id. */
export function hold(id: string, over: Partial<Hold> = {}): Hold {
  return {
    ...{ id, mac: macOf(id.length), live: true, caps: { total: 1000 } },
    ...{ used: { up: 0, down: 0 }, pace: {} },
    ...over,
  };
}

export const premises: Premises = {
  ...{ interfaces: ['br-lan'], exclusive: true, trusted: [macOf(99)] },
  open: [{ protocol: 'udp', port: 53, to: '10.0.0.1' }],
};

/** What is wanted of a kernel, as a test sets it. */
export class Wish implements Wanted {
  list: Hold[] = [];
  places: Premises[] = [premises];

  hold(id: string): Hold | undefined {
    return this.list.find((one) => one.id === id);
  }

  holds(): Iterable<Hold> {
    return this.list;
  }

  premises(): Iterable<Premises> {
    return this.places;
  }

  /** Puts these in the place of those with the same ids. */
  put(...holds: readonly Hold[]): void {
    const ids = new Set(holds.map(({ id }) => id));
    this.list = [...this.list.filter(({ id }) => !ids.has(id)), ...holds];
  }
}

/** A table on a simulated kernel. */
export function tableOn(
  kernel: Kernel,
  wanted: Wanted,
  lines: string[] = [],
  after = 0,
  witness?: Witness,
): KernelTable {
  const readAll = kernel.reader(marks);
  const log = (level: string, text: string) => void lines.push(`${level} ${text}`);
  return new KernelTable({
    nft: kernel.nft,
    readAll,
    wanted,
    marks,
    log,
    after,
    now: () => kernel.uptime,
    ...(witness && { witness }),
  });
}

/** A kernel with these sessions in it. */
export async function ready(...holds: readonly Hold[]) {
  const kernel = new Kernel();
  const wish = new Wish();
  const lines: string[] = [];
  wish.put(...holds);
  const table = tableOn(kernel, wish, lines);
  await table.audit();
  /** A device sends or receives. @returns whether that passed */
  const move = (id: string, way: 'up' | 'down', bytes: number) =>
    kernel.carry(kernel.markOf(wish.hold(id)!.mac, marks), way, bytes);
  const told = async () => new Map((await table.read()).map(({ id, ...count }) => [id, count]));
  /** The object of this session whose name begins so. */
  const named = <T>(objects: ReadonlyMap<string, T>, prefix: string, id: string): T | undefined =>
    [...objects].find(([name]) => name.startsWith(prefix) && name.split('_')[1] === id)?.[1];
  return { kernel, wish, table, lines, move, told, named };
}
