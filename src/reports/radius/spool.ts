import type { Clock } from '../../ports/clock.js';
import type { Outbox } from '../../ports/sink.js';

/**
 * What became of a delivery. `refused`: the server is there, and does not take it; `silent`: nobody answers;
 * `unreachable`: there is no way to any server.
 */
export type Arrival = 'arrived' | 'refused' | 'silent' | 'unreachable';

/** One thing that a server is to be told. */
export interface Delivery {
  /** Deliveries of one key go one after the other. */
  readonly key: string;
  /**
   * Nothing after it is sent until it has arrived, and it never arrives after that. A server that refuses it again and
   * again is sent the rest without it.
   */
  readonly first?: boolean;
  send(): Promise<Arrival>;
}

export interface SpoolParts {
  readonly outbox: Outbox;
  readonly clock: Clock;
  /**
   * Turns a record of the journal into a delivery; undefined where the server need not hear of it. Called once for each
   * record, in order.
   */
  readonly translate: (data: unknown) => Delivery | undefined;
  /** Called when the outbox cannot be read from the disk. The spool reads it again later. */
  readonly unreadable: (cause: unknown) => void;
}

interface Job {
  readonly seq: number;
  readonly delivery: Delivery;
  running: boolean;
  failures: number;
  /** How often the server refused it, each failure counted by its {@link weights}. */
  refusals: number;
  /** Monotonic time before which it is not tried. */
  notBefore: number;
}

/** The most deliveries that are under way or wait for their turn; further records stay on the disk. */
const window = 64;
/** The disk is asked again after this, in ms. */
const unreadableWait = 10_000;
/** Refusals of a `first` delivery after which it is left out. */
const patience = 3;
/**
 * How much each failure counts as a refusal. Without a route it counts nothing; silence adds up to {@link patience} in
 * half an hour.
 */
const weights = { refused: 1, silent: 0.1, unreachable: 0 } as const;
/** Waits after a failure, in ms: doubled each time. */
const [firstWait, longestWait] = [2_000, 60_000];

/**
 * Sends the outbox's deliveries until they have arrived: in order for each key. A record is acknowledged when it and
 * all before it have arrived. While the server fails, the spool tries one delivery at a time, another one each time, so
 * that a delivery which the server refuses holds up nothing but its own key.
 */
export class Spool {
  readonly #parts: SpoolParts;
  /** In the order of their records. */
  readonly #jobs = new Map<number, Job>();
  readonly #waiting = new Set<{ keys: ReadonlySet<string>; resolve: () => void }>();
  #lastRead: number | undefined;
  #failing = false;
  #cancel = () => {};
  #stopped = false;

  constructor(parts: SpoolParts) {
    this.#parts = parts;
  }

  /** The last delivery that was tried failed. */
  get failing(): boolean {
    return this.#failing;
  }

  /** True when the spool is full: the disk may hold more that waits. */
  get isBehind(): boolean {
    return this.#jobs.size >= window;
  }

  /** `greeting` goes before all that the outbox holds. */
  start(greeting?: Delivery): void {
    if (greeting) this.#add(0, greeting);
    this.#parts.outbox.onAppend(() => this.#pump());
    this.#pump();
  }

  /** Sends nothing more. What is under way may still arrive, and comes again at the next start. */
  stop(): void {
    this.#stopped = true;
    this.#cancel();
    this.#parts.outbox.onAppend(undefined);
    for (const { resolve } of this.#waiting) resolve();
  }

  /** Something is still to be delivered for this key. */
  has(key: string): boolean {
    for (const { delivery } of this.#jobs.values()) if (delivery.key === key) return true;
    return false;
  }

  /** Resolves when everything for these keys that is in the outbox now has arrived, or after `ms`. */
  delivered(keys: Iterable<string>, ms: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#parts.clock.after(ms, () => finish());
      const waiter = { keys: new Set(keys), resolve: () => finish() };
      const finish = () => {
        cancel();
        this.#waiting.delete(waiter);
        resolve();
      };
      this.#waiting.add(waiter);
      this.#pump();
    });
  }

  #pump(): void {
    if (this.#stopped) return;
    this.#cancel();
    const { clock } = this.#parts;
    const now = clock.mono();
    const again = this.#fill() ? Number.POSITIVE_INFINITY : now + unreadableWait;
    const heads = this.#heads();
    const ready = heads.filter((job) => !job.running && job.notBefore <= now);
    if (!this.#failing) for (const job of ready) void this.#run(job);
    else if (!heads.some((job) => job.running)) void this.#run(leastTried(ready));
    this.#acknowledge();
    const next = Math.min(again, ...heads.filter((job) => job.notBefore > now).map((job) => job.notBefore));
    if (next < Number.POSITIVE_INFINITY) this.#cancel = clock.after(next - now, () => this.#pump());
  }

  /** @returns whether the disk could be read. */
  #fill(): boolean {
    try {
      this.#read();
      return true;
    } catch (cause) {
      this.#parts.unreadable(cause);
      return false;
    }
  }

  #read(): void {
    const { outbox, translate } = this.#parts;
    while (this.#jobs.size < window) {
      const records = outbox.read(window - this.#jobs.size, this.#lastRead);
      if (records.length === 0) return;
      for (const { seq, data } of records) {
        this.#lastRead = seq;
        const delivery = translate(data);
        if (delivery) this.#add(seq, delivery);
      }
    }
  }

  #add(seq: number, delivery: Delivery): void {
    this.#jobs.set(seq, { seq, delivery, running: false, failures: 0, refusals: 0, notBefore: 0 });
  }

  /** The first delivery of each key, up to one that should arrive before all others. */
  #heads(): Job[] {
    const heads = new Map<string, Job>();
    for (const job of this.#jobs.values()) {
      const { key, first } = job.delivery;
      if (!heads.has(key)) heads.set(key, job);
      if (first) break;
    }
    return [...heads.values()];
  }

  async #run(job: Job | undefined): Promise<void> {
    if (!job) return;
    job.running = true;
    const arrival = await job.delivery.send();
    if (this.#stopped) return;
    job.running = false;
    this.#failing = arrival !== 'arrived';
    if (arrival === 'arrived') this.#jobs.delete(job.seq);
    else this.#postpone(job, arrival);
    this.#pump();
  }

  #postpone(job: Job, why: Exclude<Arrival, 'arrived'>): void {
    const wait = Math.min(firstWait * 2 ** job.failures, longestWait);
    job.failures += 1;
    job.refusals += weights[why];
    job.notBefore = this.#parts.clock.mono() + wait;
    if (job.delivery.first && job.refusals >= patience) this.#jobs.delete(job.seq);
  }

  #acknowledge(): void {
    const oldest = this.#jobs.values().next().value;
    const upTo = oldest ? oldest.seq - 1 : this.#lastRead;
    if (upTo !== undefined) this.#parts.outbox.ack(upTo);
    for (const { keys, resolve } of this.#waiting) if (![...keys].some((key) => this.has(key))) resolve();
  }
}

function leastTried(jobs: readonly Job[]): Job | undefined {
  return jobs.reduce<Job | undefined>((a, b) => (a && a.notBefore <= b.notBefore ? a : b), undefined);
}
