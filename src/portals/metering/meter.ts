import { column, columns, flag, type PollResult, type PollTask } from '../../../workers/contract.js';
import { Ledger, maxClients } from '../../../workers/ledger.js';
import { limitOfLook, patienceOfLook } from '../../../workers/patience.js';
import { rowsOf } from '../../../workers/rows.js';
import type { Dialect } from '../../domain/dialect.js';
import { type Mac, macFromNumber, macToNumber } from '../../domain/mac.js';
import type { Baseline, PollOutcome, PortalClient, Reading } from '../../domain/reading.js';
import { bytes } from '../../domain/units.js';

/** Runs a task in the worker pool. */
export type RunPoll = (task: PollTask) => Promise<PollResult>;

export interface MeterOptions {
  readonly target: PollTask['target'];
  readonly dialect: Dialect;
  /** Room for so many clients at the start; it grows. */
  readonly clients?: number;
  /** Clients beyond which it grows no more. @default 65,536 */
  readonly mostClients?: number;
  /** How long a list is waited for, where it is not as long as usual. */
  readonly patience?: PollTask['patience'];
}

const firstRoom = 256;

/**
 * Counts the clients of one portal. Its calls are turns of the portal's queue: never two at a time.
 */
export class Meter {
  readonly #options: MeterOptions;
  readonly #run: RunPoll;
  #ledger: Ledger;
  #lastMs = 0;
  #lag = 0;
  /** When the portal was started that was asked last, and the devices that it once did not list since. */
  #life = 0;
  readonly #unlisted = new Set<number>();

  constructor(options: MeterOptions, run: RunPoll) {
    this.#options = options;
    this.#run = run;
    this.#ledger = Ledger.create(options.clients ?? firstRoom, options.dialect.remembers);
  }

  /** The lag after the last request. A portal that lags does so until it is restarted. */
  get lag(): number {
    return this.#lag;
  }

  /** Takes in how the last request was answered: how late, and by which life of the portal. */
  heard({ lag, life }: { readonly lag: number; readonly life: number }): void {
    this.#lag = lag;
    this.#enter(life);
  }

  /**
   * Whether this life of the portal may have let in devices of whom nobody knows it yet. Then a device that is to be let
   * in is to be read before: where the answer is lost, nobody could tell afterwards who let it in.
   */
  isUnseen(life: number): boolean {
    this.#enter(life);
    return this.#ledger.lives.hasBegun;
  }

  /** The portal does not list this device: it is in no file. */
  unlisted(mac: Mac): void {
    this.#unlisted.add(macToNumber(mac));
  }

  /** Looks at all clients; the readings are what changed since they were last told. */
  async poll(): Promise<PollOutcome> {
    let outcome = await this.#look();
    while (outcome.ok && outcome.unmetered > 0 && this.#makeRoom()) {
      // Counters are totals: what did not fit into the full ledger appears at the next look.
      const next = await this.#look();
      if (!next.ok) break;
      outcome = { ...next, readings: [...outcome.readings, ...next.readings] };
    }
    return outcome;
  }

  /**
   * Takes in what the portal said of one client alone; undefined when there is no room to count it.
   * @param admitted its gate was shut and has just been opened at our command
   */
  observe(client: PortalClient, admitted = false): readonly Reading[] | undefined {
    const mac = macToNumber(client.mac);
    const seen = { ...client, mac, ip: ipToNumber(client.ip) };
    const isOurs = admitted || this.#unlisted.has(mac);
    let slot = this.#ledger.observe(seen, isOurs);
    if (slot < 0 && this.#makeRoom()) slot = this.#ledger.observe(seen, isOurs);
    if (slot < 0) return undefined;
    return this.#ledger.isChanged(slot) ? this.#take(rowsOf(this.#ledger, [slot])) : [];
  }

  /**
   * Puts in where paid clients' counters stood at the end of the last run. Before the first poll.
   * @param since when that was: wall clock, in ms
   */
  restore(baselines: readonly Baseline[], since: number): void {
    this.#ledger.lives.since(since);
    for (const { mac, ip, epoch, up, down } of baselines) {
      const client = { mac: macToNumber(mac), ip: ipToNumber(ip), epoch, up, down, open: false };
      if (!this.#ledger.restore(client) && this.#makeRoom()) this.#ledger.restore(client);
    }
  }

  async #look(): Promise<PollOutcome> {
    const { target, dialect } = this.#options;
    const { buffer } = this.#ledger;
    const patience = patienceOfLook(this.#lastMs, this.#options.patience);
    const limitMs = limitOfLook(patience);
    const [lag, unlisted] = [this.#lag, this.#unlisted];
    const result = await this.#run({ target, dialect, buffer, patience, limitMs, lag, unlisted });
    if (!result.ok) return result;
    this.heard(result);
    this.#lastMs = result.tookMs;
    const { odd, rows, life: _, ...outcome } = result;
    return { ...outcome, complete: outcome.complete && odd === 0, readings: this.#take(rows) };
  }

  #enter(life: number): void {
    this.#ledger.enter(life);
    if (life === 0 || life === this.#life) return;
    this.#life = life;
    this.#unlisted.clear();
  }

  /** Grows the ledger up to its limit; beyond that, drops the clients that have left. */
  #makeRoom(): boolean {
    const { mostClients = maxClients } = this.#options;
    const next = this.#ledger.capacity < mostClients ? this.#ledger.grown() : this.#ledger.cleared();
    if (!next) return false;
    this.#ledger = next;
    return true;
  }

  #take(rows: Float64Array): Reading[] {
    const readings: Reading[] = [];
    for (let at = 0; at < rows.length; at += columns) {
      const value = (c: number) => rows[at + c]!;
      this.#ledger.take(value(column.slot), value(column.up), value(column.down));
      readings.push(readingOf(value));
    }
    return readings;
  }
}

function readingOf(value: (column: number) => number): Reading {
  const flags = value(column.flags);
  const mac = macFromNumber(value(column.mac));
  const ip = ipFromNumber(value(column.ip));
  return {
    mac,
    ip,
    up: bytes(value(column.up)),
    down: bytes(value(column.down)),
    open: (flags & flag.open) !== 0,
    fresh: (flags & flag.fresh) !== 0,
    reset: (flags & flag.reset) !== 0,
    restored: (flags & flag.restored) !== 0,
    gone: (flags & flag.gone) !== 0,
    baseline: {
      mac,
      ip,
      epoch: value(column.epoch),
      up: bytes(value(column.lastUp)),
      down: bytes(value(column.lastDown)),
    },
  };
}

function ipToNumber(ip: string): number {
  return ip.split('.').reduce((n, part) => n * 256 + Number(part), 0);
}

function ipFromNumber(n: number): string {
  return [24, 16, 8, 0].map((shift) => (n >>> shift) & 255).join('.');
}
