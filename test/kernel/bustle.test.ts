// Sessions end and are bought at random while nft works: who passes is who has paid, and in the end the table is right.
import { setImmediate as tick } from 'node:timers/promises';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Hold } from '../../src/domain/hold.js';
import type { KernelTable } from '../../src/kernel/table.js';
import { type Random, seeded, whole } from '../rig/random.js';
import { passing, through } from './passing.js';
import type { Kernel } from './simulated.js';
import { hold, macOf, marks, ready, tableOn, type Wish } from './wanted.js';

/** What a router does at random, as the engine tells the kernel of it, with an nft that takes its time. */
class Bustle {
  readonly table: KernelTable;
  readonly #random: Random;
  readonly #kernel: Kernel;
  readonly #wish: Wish;
  readonly #asked: Promise<unknown>[] = [];
  #sold = 0;
  #start: Promise<void> | undefined;

  constructor(kernel: Kernel, wish: Wish, lines: string[], random: Random) {
    this.#random = random;
    this.#kernel = kernel;
    this.#wish = wish;
    through(kernel, (nft) => async (args, script) => {
      await this.#rest(6);
      const out = await nft(args, script);
      await this.#rest(3);
      return out;
    });
    this.table = tableOn(kernel, wish, lines, 50);
  }

  async run(steps: number): Promise<void> {
    this.#start = this.table.cut([]).then(() => this.table.audit());
    for (let step = 0; step < steps; step++) {
      this.#step();
      await this.#rest(4);
      assert.ok(this.#kernel.markOf(macOf(8), marks), 'who has paid passes all the time');
    }
    await this.#start;
    await Promise.all(this.#asked);
  }

  #draw(below: number): number {
    return whole(this.#random, 0, below - 1);
  }

  async #rest(most: number): Promise<void> {
    for (let left = this.#draw(most); left > 0; left--) await tick();
  }

  #step(): void {
    const mac = macOf(1 + this.#draw(5));
    const live = this.#wish.list.find((one) => one.mac === mac && one.live);
    const what = this.#draw(8);
    if (what === 0) this.#asked.push(this.table.audit());
    else if (what === 1) this.#asked.push(this.table.read());
    else if (!live) this.#change(hold(`n${this.#sold++}`, { mac }));
    else if (what < 6) this.#change({ ...live, live: false });
    else if (what === 6) this.#change({ ...live, away: !live.away });
    else this.#change({ ...live, caps: { total: live.caps.total! + 1_000 } });
  }

  /** As the engine's watch of the kernel does. */
  #change(one: Hold): void {
    this.#wish.put(one);
    if (!one.live) void this.table.cut([one.mac]);
    const sync = () => this.table.sync([one.id]);
    this.#asked.push(this.table.status.state === 'starting' ? this.#start!.then(sync) : sync());
  }
}

for (let seed = 1; seed <= 60; seed++) {
  test(`whatever ends and is bought while nft works, the table is what sessions say: ${seed}`, async () => {
    const { kernel, wish, lines } = await ready(
      ...['a', 'bb', 'ccc', 'dddd', 'eeeee', 'ffffffff'].map((id) => hold(id, { pace: { up: 8 } })),
    );
    const bustle = new Bustle(kernel, wish, lines, seeded(seed));
    await bustle.run(40);
    const { table } = bustle;
    const live = wish.list.filter((one) => one.live);
    assert.equal(passing(kernel), live.map(({ mac, away }) => `${mac} ${away ? 'away' : 'here'}`).sort());
    const written = kernel.scripts.length;
    await table.audit();
    assert.equal(kernel.scripts.slice(written), []);
    assert.equal([table.status.state, table.status.mended], ['on', 0], lines.join('\n'));
    assert.equal(
      lines.filter((line) => line.startsWith('warn')),
      [],
    );
  });
}

test.run();
