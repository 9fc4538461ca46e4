// A kernel that notes what it is asked to hold, counts what it is given to carry, and says what it is told to.
import * as assert from 'uvu/assert';
import type { Caps, Count, Counted, Hold } from '../../src/domain/hold.js';
import type { Mac } from '../../src/domain/mac.js';
import type { Kernel, KernelStatus, Wanted } from '../../src/ports/kernel.js';
import type { Cadence } from '../../src/ports/portal.js';
import { TestPortal } from './portal.js';
import { everySecond, mac, type World, world } from './world.js';

const nothing: Counted = { up: 0, down: 0 };

/** A kernel in memory. What it counted outlives an engine, as the real one's table does. */
export class TestKernel implements Kernel {
  state: KernelStatus['state'] = 'starting';
  /** What it was asked to hold each time, and the gates that were turned by then. */
  readonly seen: { holds: Hold[]; commands: number }[] = [];
  readonly counters = new Map<string, Counted>();
  /** Caps that it says are reached. */
  readonly spent = new Map<string, Caps>();
  /** Devices that were to be shut out before the table was read. */
  readonly cuts: Mac[] = [];
  /** Who was named in its first call. */
  firstCut: readonly Mac[] | undefined;
  /** Who was named before the first comparison. */
  cutFirst: readonly Mac[] | undefined;
  world: World | undefined;
  wanted: Wanted | undefined;
  /** Nothing can be read. */
  isDeaf = false;
  /** Called within each look, before its result is told. */
  meanwhile: () => Promise<void> = async () => {};
  /** How long it takes to write what it was asked to hold. */
  written: Promise<void> = Promise.resolve();
  /** While it is set the table is compared. */
  compared: Promise<void> | undefined;
  readonly #told = new Map<string, Counted>();
  /** What came in for each session while its device was away. */
  readonly #rested = new Map<string, number>();

  /** A new engine takes it over: it is told everything again. */
  readonly make = (wanted: Wanted): Kernel => {
    this.wanted = wanted;
    this.#told.clear();
    return this;
  };

  get status(): KernelStatus {
    return { state: this.state, error: '', mended: 0 };
  }

  get now(): Hold[] {
    return [...(this.wanted?.holds() ?? [])];
  }

  /** Packets of a session; they pass when it is to pass. */
  carry(id: string, up: number, down: number): void {
    const hold = this.wanted?.hold(id);
    if (!hold?.live || (hold.away && up === 0 && !this.#mayRest(id, down))) return;
    const before = this.#countOf(id);
    this.counters.set(id, { up: before.up + up, down: before.down + down });
  }

  #mayRest(id: string, down: number): boolean {
    const rested = (this.#rested.get(id) ?? 0) + down;
    this.#rested.set(id, rested);
    return rested <= 131_072;
  }

  /** Somebody flushed it, and it was made anew: it goes on from what is billed. */
  flush(): void {
    for (const id of this.counters.keys()) this.counters.set(id, this.wanted?.hold(id)?.used ?? nothing);
  }

  async sync(): Promise<void> {
    for (const id of this.#rested.keys()) if (!this.wanted?.hold(id)?.away) this.#rested.delete(id);
    this.seen.push({ holds: this.now, commands: this.world?.portal.commands.length ?? 0 });
    if (this.compared) await this.compared;
    this.#took();
    await this.written;
  }

  async cut(macs: Iterable<Mac>): Promise<void> {
    this.cuts.push(...macs);
    this.firstCut ??= [...this.cuts];
  }

  async read(): Promise<readonly Count[]> {
    if (!this.#took()) return [];
    const counts = [...this.counters].filter(([id, one]) => {
      const told = this.#told.get(id);
      return told?.up !== one.up || told?.down !== one.down || this.spent.has(id);
    });
    this.#told.clear();
    for (const [id, one] of this.counters) this.#told.set(id, one);
    const found = counts.map(([id, one]) => ({ id, ...one, spent: this.spent.get(id) ?? {} }));
    await this.meanwhile();
    return found;
  }

  async count(id: string): Promise<Counted | undefined> {
    // The real one knows nothing of a session before it has read the table.
    return this.#took() && this.state !== 'starting' ? this.#countOf(id) : undefined;
  }

  async audit(): Promise<void> {
    this.cutFirst ??= [...this.cuts];
    if (this.compared) await this.compared;
    this.#took();
  }

  async stop(): Promise<void> {}

  /** What it counts from: what is billed, when it knows nothing. */
  #countOf(id: string): Counted {
    return this.counters.get(id) ?? this.wanted?.hold(id)?.used ?? nothing;
  }

  #took(): boolean {
    if (this.isDeaf) this.state = 'failed';
    else if (this.state !== 'bypassed' && !this.compared) this.state = 'on';
    return !this.isDeaf;
  }
}

/** An engine with one portal, one client and such a kernel. */
export async function ready(cadence: Cadence = everySecond()): Promise<{ w: World; kernel: TestKernel }> {
  const kernel = new TestKernel();
  const w = await world([new TestPortal('lan')], {}, true, { make: kernel.make, cadence });
  kernel.world = w;
  w.portal.join(mac(1));
  await w.clock.pass(1000);
  return { w, kernel };
}

/** @returns the id of the session that the client has bought. */
export async function sold(w: World, over: Record<string, unknown> = {}): Promise<string> {
  const buying = w.buy(mac(1), { steps: 100, ...over });
  await w.clock.pass(1);
  const result = await buying;
  assert.ok(result.ok);
  return result.value.id;
}

/** Traffic that the portal sees too, or that only the kernel sees, as IPv6 and what a dead portal lets pass. */
export function flow(
  { w, kernel }: { w: World; kernel: TestKernel },
  id: string,
  up: number,
  down: number,
): void {
  w.portal.carry(mac(1), up, down);
  kernel.carry(id, up, down);
}

/** What a session is billed. */
export function billed(w: World, id: string): Counted {
  const { up, down } = w.engine.accounts.book.get(id)!.usage;
  return { up, down };
}
