// A router that is killed at a step of what it does: before or after a write to the disk, before or after a gate's turn.
import type { Safe } from '../../src/ports/safe.js';
import { MemoryJournal } from './journal.js';
import { TestPortal } from './portal.js';
import { type World, world } from './world.js';

/** What a process of its own is given, and loses with its life. */
interface Life {
  readonly number: number;
}

/** Wraps the disk and the portal of a {@link World}. Nothing of a process that was killed goes on. */
export class Mortal {
  world!: World;
  readonly portal = new TestPortal('lan');
  /** Steps until it is killed; undefined for never. */
  killIn: number | undefined;
  isDead = false;
  /** What a process begins with: called before each start but the first. */
  born = () => {};
  /** Whether the disk has what was written and not synced when it was killed. */
  readonly keeps: boolean;
  readonly #portals: TestPortal[] = [];
  #life = 1;
  #buried = 0;
  #held: (() => void)[] = [];
  #killed = () => {};
  #onDisk: MemoryJournal['records'] = [];

  private constructor(keeps: boolean) {
    this.keeps = keeps;
  }

  static async open(keeps: boolean): Promise<Mortal> {
    const mortal = new Mortal(keeps);
    mortal.#portals.push(mortal.#portalOf({ number: 1 }));
    mortal.world = await world(mortal.#portals);
    mortal.#watch(mortal.world.journal, { number: 1 });
    return mortal;
  }

  /** Resolves when the process was killed, or the work is done. @returns what it came to; undefined for a kill */
  async until<T>(work: Promise<T>): Promise<T | undefined> {
    const death = new Promise<undefined>((resolve) => {
      this.#killed = () => resolve(undefined);
      if (this.isDead) resolve(undefined);
    });
    return Promise.race([work, death]);
  }

  /** Loses all that is not on the disk, and starts again. */
  async crash(): Promise<void> {
    const journal = new MemoryJournal();
    journal.records = structuredClone(this.keeps ? this.world.journal.records : this.#onDisk);
    (this.world as { journal: MemoryJournal }).journal = journal;
    this.#buried = this.#life;
    this.#life += 1;
    const life = { number: this.#life };
    this.#portals[0] = this.#portalOf(life);
    this.#watch(journal, life);
    this.killIn = undefined;
    this.isDead = false;
    for (const release of this.#held.splice(0)) release();
    this.born();
    await this.world.crash();
  }

  /** Calls of this life to a server elsewhere: a kill comes before, or after, and then nobody hears the answer. */
  caller(): <T>(call: () => Promise<T>) => Promise<T> {
    const life = { number: this.#life };
    return async (call) => {
      if (!(await this.#step(life))) return new Promise(() => {});
      const answer = await call();
      return (await this.#step(life)) ? answer : new Promise(() => {});
    };
  }

  /** A file of this life beside the journal. */
  safe(kept: Map<string, unknown>): Safe {
    const life = { number: this.#life };
    return {
      all: () => structuredClone([...kept]),
      put: async (name, value) => {
        if (!(await this.#step(life))) return never;
        if (value) kept.set(name, structuredClone(value));
        else kept.delete(name);
        return (await this.#step(life)) ? undefined : never;
      },
    };
  }

  /** @returns whether this life goes on */
  async #step({ number }: Life): Promise<boolean> {
    await Promise.resolve();
    if (number <= this.#buried) return false;
    if (!this.isDead && (this.killIn === undefined || this.killIn-- > 0)) return true;
    this.isDead = true;
    this.#killed();
    await new Promise<void>((resolve) => this.#held.push(resolve));
    return false;
  }

  #watch(journal: MemoryJournal, life: Life): void {
    this.#onDisk = journal.records.slice();
    const sync = journal.sync.bind(journal);
    journal.sync = async () => {
      if (!(await this.#step(life))) return;
      await sync();
      this.#onDisk = journal.records.slice();
      await this.#step(life);
    };
  }

  /** The portal as one life sees it: what a dead one asks for does not come to it. */
  #portalOf(life: Life): TestPortal {
    const { portal } = this;
    const gone = { ok: false, reason: 'timeout', detail: 'killed', before: [] } as const;
    const turn = async (what: 'open' | 'close', mac: Parameters<TestPortal['open']>[0]) => {
      if (!(await this.#step(life))) return gone;
      const done = await portal[what](mac);
      return (await this.#step(life)) ? done : gone;
    };
    return {
      name: portal.name,
      restore: (...given: Parameters<TestPortal['restore']>) => portal.restore(...given),
      poll: () => portal.poll(),
      open: (mac: Parameters<TestPortal['open']>[0]) => turn('open', mac),
      close: (mac: Parameters<TestPortal['close']>[0]) => turn('close', mac),
    } as never as TestPortal;
  }
}

const never = new Promise<void>(() => {});
