import { setTimeout as pause } from 'node:timers/promises';
import type {
  BaselineResult,
  BaselineTask,
  ConntrackFault,
  TestimonyResult,
  TestimonyTask,
} from '../../workers/contract.js';
import type { Counted } from '../domain/hold.js';
import type { Testimony } from '../domain/testimony.js';
import type { KernelStatus } from '../ports/kernel.js';
import type { Log } from '../ports/log.js';
import type { Marks } from './marks.js';
import { Newcomers } from './newcomers.js';
import type { Change } from './pieces.js';

/** The least time between two looks at all connections, in ms, and the largest share of the time that they take. */
const everyMs = 1_000;
const share = 0.03;
/** After a look that came to nothing, in ms, but for one that took too long. */
const restMs = 60_000;
/**
 * So many looks in a row that came to nothing: all is begun anew. What no look has seen for longer is forgotten, and would
 * then be taken for new.
 */
const mostFaults = 8;
/** A look is given up after this long, in ms: while the table is away, everybody waits for it and passes. */
const limitMs = 250;
/** A thread that hangs is waited for no longer than this, in ms. */
const threadMs = 1_000;
/** Connections that there is room for, at first and at the most: 1.2 MB of memory. */
const [fewest, most] = [1_024, 16_384];
/** Memory for each of them, in bytes: see `roomFor` in workers/connections.ts. */
const connectionBytes = 72;
const columns = 3;

/** Asks a worker thread what connections have moved. */
export type RunTestimony = (task: TestimonyTask) => Promise<TestimonyResult>;

export interface WitnessOptions {
  /** The kernel's list of connections, or a descriptor of it. */
  readonly file: string | number;
  readonly marks: Marks;
  readonly run: RunTestimony;
  readonly log: Log;
  /** A clock in ms that nobody sets. */
  readonly now: () => number;
}

/** A look at all connections that holds, with what counters had said just before it. */
interface Baseline {
  readonly pass: number;
  readonly at: number;
  readonly counts: ReadonlyMap<string, Counted>;
}

/**
 * The second witness of what passed: the kernel counts the bytes of each connection (conntrack), and these counts are
 * still there when somebody has flushed the ruleset. What passes before each look and after the counters' reading is
 * in no testimony: so nobody is billed twice.
 */
export class Witness {
  readonly #options: WitnessOptions;
  #memory: SharedArrayBuffer | undefined;
  #room = fewest;
  #pass = 0;
  #round = 0;
  #baseline: Baseline | undefined;
  #nextAt = Number.NEGATIVE_INFINITY;
  /** Looks in a row that came to nothing. */
  #faults = 0;
  readonly #told = new Set<ConntrackFault>();
  readonly #newcomers = new Newcomers();
  #state: NonNullable<KernelStatus['connections']> = 'unknown';

  constructor(options: WitnessOptions) {
    this.#options = options;
  }

  /** Whether connections are counted, as the last look found it, or why they say nothing. */
  get state(): NonNullable<KernelStatus['connections']> {
    return this.#state;
  }

  /**
   * Takes in every change of the table: which sessions are new, and whose have ended.
   * @param stood nothing has passed without a session since the last look: not while the table was another than was
   *   wanted, nor where a portal lets people in by itself. There connections may be older than their session.
   */
  changed(change: Pick<Change, 'before' | 'after'>, stood: boolean): void {
    this.#newcomers.note(change, stood ? this.#options.now() : undefined);
  }

  /** The look at connections that belongs to a reading of so many sessions' counters now; undefined when none is due. */
  due(sessions: number): BaselineTask | undefined {
    if (sessions === 0 || this.#options.now() < this.#nextAt) return undefined;
    this.#memory ??= new SharedArrayBuffer(this.#room * connectionBytes);
    this.#pass += 1;
    return { file: this.#options.file, memory: this.#memory, pass: this.#pass, limitMs };
  }

  /** Takes in what came of that look, where there was one. `counts`: what the counters said just before it, by session. */
  note(result: BaselineResult | undefined, counts: ReadonlyMap<string, Counted>): void {
    if (!result) return;
    const { fault, tookMs } = result;
    const at = this.#options.now();
    this.#state = fault ?? 'counted';
    this.#nextAt = at + Math.max(everyMs, tookMs / share);
    if (fault === 'many' && this.#room < most) this.#enlarge();
    else if (fault !== undefined) this.#fail(fault, at);
    else {
      this.#baseline = { pass: this.#pass, at, counts };
      this.#newcomers.seen(counts);
      this.#faults = 0;
    }
  }

  /** What connections say of sessions, by their index. Empty when they say nothing. Never rejects. */
  async hear(): Promise<ReadonlyMap<number, (id: string) => Testimony | undefined>> {
    const { file, marks, run, now } = this.#options;
    const seen = this.#memory && this.#baseline;
    if (!seen && this.#newcomers.size === 0) return new Map();
    // Where nobody has looked yet there is nothing to remember: newcomers' connections are new as well.
    const memory = (seen && this.#memory) ?? new SharedArrayBuffer(this.#room * connectionBytes);
    this.#round += 1;
    const task = { file, memory, since: seen?.pass ?? 1, round: this.#round, mask: marks.mask, limitMs };
    const heard = await Promise.race([run(task), pause(threadMs, undefined, { ref: false })]);
    if (!heard?.ok) return new Map();
    const at = now();
    const testimonies = new Map<number, (id: string) => Testimony | undefined>();
    for (let row = 0; row < heard.rows.length; row += columns) {
      const [mark = 0, up = 0, down = 0] = heard.rows.subarray(row, row + columns);
      testimonies.set(marks.indexOf(mark), (id) => {
        const before = this.#before(id);
        return before && { counted: before.counted, moved: { up, down }, sinceMs: at - before.at };
      });
    }
    return testimonies;
  }

  /** What the counters had said of a session before all that its connections tell, and when. */
  #before(id: string): { readonly counted: Counted; readonly at: number } | undefined {
    const counted = this.#baseline?.counts.get(id);
    if (this.#baseline && counted) return { counted, at: this.#baseline.at };
    const began = this.#newcomers.sinceOf(id);
    return began === undefined ? undefined : { counted: { up: 0, down: 0 }, at: began };
  }

  #enlarge(): void {
    this.#room *= 2;
    this.#forget();
    this.#nextAt = Number.NEGATIVE_INFINITY;
  }

  #forget(): void {
    this.#memory = undefined;
    this.#baseline = undefined;
    this.#pass = 0;
    this.#faults = 0;
  }

  #fail(fault: ConntrackFault, at: number): void {
    if (fault !== 'late') this.#nextAt = at + restMs;
    if (!this.#told.has(fault)) this.#options.log('info', `kernel: ${complaints[fault]}: ${consequence}`);
    this.#told.add(fault);
    this.#faults += 1;
    if (this.#faults >= mostFaults) this.#forget();
  }
}

const consequence = 'what passes between a reading of the counters and a flush of the ruleset is not billed';
const complaints: Readonly<Record<ConntrackFault, string>> = {
  missing: 'there is no list of connections (CONFIG_NF_CONNTRACK_PROCFS), or none that this user may read',
  off: 'connections are not counted (net.netfilter.nf_conntrack_acct is 0)',
  late: 'it takes too long to look at all connections',
  many: `there are more than ${most} connections`,
};
