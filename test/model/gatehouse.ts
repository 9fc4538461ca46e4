// A simulated portal in this process, asked by the real meter and the real valve, one turn at a time. It fails as it is
// told to, and what a daemon that is dead had under way at it comes to nothing.

import { SimulatedPortal } from '../../packages/simulators/portal.js';
import type { Baseline } from '../../src/domain/reading.js';
import { Meter } from '../../src/portals/metering/meter.js';
import { NdsctlError } from '../../src/portals/ndsctl/error.js';
import type { NdsctlKind } from '../../src/portals/ndsctl/kind.js';
import { TurnQueue } from '../../src/portals/ndsctl/queue.js';
import { Valve } from '../../src/portals/ndsctl/valve.js';
import type { RunningPortal } from '../../src/ports/portal.js';
import type { PollResult, PollTask } from '../../workers/contract.js';
import { Ledger } from '../../workers/ledger.js';
import { book } from '../../workers/poll.js';
import { Scanner } from '../../workers/scan.js';
import type { TestClock } from '../rig/clock.js';
import type { Random } from '../rig/random.js';

/**
 * `refused`: nobody listens. `deaf`: it takes the command and does nothing. `mute`: it does what it is told, and the
 * answer is lost. `empty`, `cut`: the answer is empty, or breaks off. `stubborn`: it turns no gate. `flaky`: each time
 * another of these.
 */
export const moods = ['well', 'refused', 'deaf', 'mute', 'empty', 'cut', 'stubborn', 'flaky'] as const;
export type Mood = (typeof moods)[number];

/** One run of the daemon: whether it is over, and what it does at each of its calls to the world outside. */
export interface Life {
  over: boolean;
  /** Called before each command; may end this life. */
  step(): void;
}

const silenceMs = 400;
const forEver = new Promise<never>(() => {});

export class Gatehouse {
  readonly name: string;
  readonly sim: SimulatedPortal;
  mood: Mood = 'well';
  /** Called after each command that was carried out. */
  heard: (command: string) => void = () => {};
  /** A start may have let clients in, with counters out of a file that nobody has looked at since. */
  isUnseen = false;
  readonly #kind: NdsctlKind;
  readonly #clock: () => TestClock;
  readonly #random: Random;
  #started: number;

  constructor(name: string, kind: NdsctlKind, clock: () => TestClock, random: Random) {
    this.name = name;
    this.#kind = kind;
    this.#clock = clock;
    this.#random = random;
    this.#started = clock().wall() - 1;
    this.sim = new SimulatedPortal(kind.dialect, '', random, () => clock().wall());
  }

  /** When the program was started: wall clock, in ms. */
  get started(): number {
    return this.#started;
  }

  /** The program ends, in order or not, and is there again. */
  restart(inOrder: boolean): void {
    if (inOrder) this.sim.writeDown();
    this.sim.recallClients();
    this.isUnseen = this.sim.dialect.remembers;
    // A start takes longer than a tick of the clock.
    this.#started = Math.max(this.#started, this.#clock().wall()) + 1;
  }

  /** The portal as a run of the daemon sees it. */
  portal(life: Life): RunningPortal {
    const queue = new TurnQueue();
    const meter = new Meter(
      { target: { transport: 'socket', path: '' }, dialect: this.#kind.dialect },
      (task) => this.#poll(task, life),
    );
    const valve = new Valve({
      kind: this.#kind,
      observe: (client, admitted) => meter.observe(client, admitted),
      isUnseen: () => meter.isUnseen(this.#started),
      unlisted: (mac) => meter.unlisted(mac),
      ask: async (command) => {
        const reply = await this.#ask(command, life);
        meter.heard({ lag: 0, life: this.#started });
        return reply;
      },
      pause: (ms) => this.#pause(ms),
    });
    const closed = { ok: false, reason: 'aborted', detail: 'shutting down', tookMs: 0, before: [] } as const;
    return {
      name: this.name,
      restore: (baselines: readonly Baseline[], since) => meter.restore(baselines, since),
      poll: () => queue.poll(() => meter.poll()).catch(() => closed),
      open: (mac, rates, ips, isArrival) =>
        queue.open(() => valve.open(mac, rates, ips, isArrival)).catch(() => closed),
      close: (mac, ips) => queue.shut(() => valve.close(mac, ips)).catch(() => closed),
      stop: () => queue.close(),
    };
  }

  async #poll({ buffer, dialect, unlisted }: PollTask, life: Life): Promise<PollResult> {
    try {
      const reply = await this.#ask('json', life);
      const ledger = new Ledger(buffer);
      ledger.enter(this.#started);
      const result = book(ledger, new Scanner(dialect), reply, unlisted);
      const rest = { busyMs: 0, tookMs: 1, lag: 0, life: this.#started };
      return result.ok ? { ...result, ...rest } : { ...result, detail: 'no list of clients', tookMs: 1 };
    } catch (cause) {
      if (!(cause instanceof NdsctlError)) throw cause;
      return { ok: false, reason: cause.code, detail: cause.message, tookMs: 1 };
    }
  }

  /** @throws {@link NdsctlError} as the real socket does */
  async #ask(command: string, life: Life): Promise<Buffer> {
    life.step();
    if (life.over) return forEver;
    const mood = this.#moodNow();
    if (mood === 'refused') throw new NdsctlError('refused', 'nobody listens');
    if (mood === 'deaf') return this.#silence();
    const isGate = !command.startsWith('json');
    this.sim.refuseAuth = this.sim.refuseDeauth = mood === 'stubborn';
    const { text, arrived, torn } = this.sim.answer(command);
    this.heard(command);
    if (mood === 'mute') {
      torn?.();
      return this.#silence();
    }
    const length = mood === 'empty' ? 0 : Math.floor(text.length * this.#random());
    const sent = mood === 'empty' || (mood === 'cut' && !isGate) ? text.slice(0, length) : text;
    arrived?.(sent.length);
    life.step();
    if (!life.over && command === 'json' && sent === text) this.isUnseen = false;
    return life.over ? forEver : Buffer.from(sent, 'latin1');
  }

  #moodNow(): Mood {
    if (this.mood !== 'flaky') return this.mood;
    return this.#random() < 0.5 ? 'well' : moods[1 + Math.floor(this.#random() * (moods.length - 2))]!;
  }

  async #silence(): Promise<never> {
    await this.#pause(silenceMs);
    throw new NdsctlError('timeout', `no answer within ${silenceMs} ms`);
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => this.#clock().after(ms, resolve));
  }
}
