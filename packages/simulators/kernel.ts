import { type Caps, type Count, type Counted, countedOf, type Hold } from '../../src/domain/hold.js';
import type { Mac } from '../../src/domain/mac.js';
import type { Kernel, KernelStatus, Wanted } from '../../src/ports/kernel.js';

/** What the kernel has of one session. */
interface Entry {
  hold: Hold;
  up: number;
  down: number;
}

const kinds = ['total', 'up', 'down'] as const;

/**
 * The table in the kernel, without a kernel: a gate for each device, caps to the byte, and counters of what passed.
 * It keeps no rates.
 */
export class SimulatedKernel implements Kernel {
  readonly status: KernelStatus = { state: 'on', error: '', mended: 0 };
  readonly #wanted: Wanted;
  readonly #entries = new Map<string, Entry>();
  readonly #open = new Map<Mac, Entry>();
  /** Sessions whose counters moved and of which nobody was told yet. */
  readonly #untold = new Set<string>();
  /** Sessions that are cut off at a cap. */
  readonly #spent = new Set<string>();

  constructor(wanted: Wanted) {
    this.#wanted = wanted;
  }

  /** What of these bytes passes, which is counted; the rest is dropped, and used nowhere. */
  pass(mac: Mac, bytes: Counted): Counted {
    const entry = this.#open.get(mac);
    if (!entry) return { up: 0, down: 0 };
    const up = Math.min(bytes.up, left(entry, 'up'), left(entry, 'total'));
    entry.up += up;
    const down = Math.min(bytes.down, left(entry, 'down'), left(entry, 'total'));
    entry.down += down;
    if (up + down > 0) this.#untold.add(entry.hold.id);
    if (up < bytes.up || down < bytes.down) this.#spent.add(entry.hold.id);
    return { up, down };
  }

  async sync(ids: Iterable<string>): Promise<void> {
    for (const id of ids) this.#set(id, this.#wanted.hold(id));
  }

  async cut(macs: Iterable<Mac>): Promise<void> {
    for (const mac of macs) this.#open.delete(mac);
  }

  async read(): Promise<readonly Count[]> {
    const told = new Set([...this.#untold, ...this.#spent]);
    this.#untold.clear();
    return [...told].flatMap((id) => {
      const entry = this.#entries.get(id);
      return entry ? { id, up: entry.up, down: entry.down, spent: spentOf(entry) } : [];
    });
  }

  async count(id: string): Promise<Counted | undefined> {
    const entry = this.#entries.get(id);
    return entry && { up: entry.up, down: entry.down };
  }

  async audit(): Promise<void> {
    const wanted = new Map([...this.#wanted.holds()].map((hold) => [hold.id, hold]));
    for (const id of new Set([...this.#entries.keys(), ...wanted.keys()])) this.#set(id, wanted.get(id));
  }

  async stop(): Promise<void> {}

  #set(id: string, hold: Hold | undefined): void {
    const before = this.#entries.get(id);
    if (before && this.#open.get(before.hold.mac) === before) this.#open.delete(before.hold.mac);
    this.#spent.delete(id);
    if (!hold) {
      this.#entries.delete(id);
      return;
    }
    const counted = {
      up: Math.max(hold.used.up, before?.up ?? 0),
      down: Math.max(hold.used.down, before?.down ?? 0),
    };
    const entry = Object.assign(before ?? { hold, ...counted }, { hold, ...counted });
    this.#entries.set(id, entry);
    if (hold.live) this.#open.set(hold.mac, entry);
  }
}

/** Bytes to a cap; infinite where there is none. */
function left(entry: Entry, kind: keyof Caps): number {
  const cap = entry.hold.caps[kind];
  return cap === undefined ? Number.POSITIVE_INFINITY : Math.max(0, cap - countedOf(entry, kind));
}

/** The caps that are reached. */
function spentOf(entry: Entry): Caps {
  const reached = kinds.filter((kind) => left(entry, kind) === 0);
  return Object.fromEntries(reached.map((kind) => [kind, entry.hold.caps[kind]]));
}
