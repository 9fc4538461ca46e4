import type { Count, Counted } from '../domain/hold.js';
import type { Mac } from '../domain/mac.js';
import type { Clock } from '../ports/clock.js';
import type { Kernel, KernelStatus, Wanted } from '../ports/kernel.js';
import type { Log } from '../ports/log.js';
import type { Written } from './events.js';
import { table as ours } from './names.js';
import type { Nft } from './nft.js';
import { takeOutFlows } from './offload.js';
import type { PortalRules } from './portal-rules.js';

/** The least time between two looks that others' changes call for, in ms, and the largest share of the time that they take. */
const restMs = 100;
const share = 0.2;

/** Hears what is written into the ruleset. */
export interface Listener {
  start(): void;
  stop(): Promise<void>;
}

/** A table that may be told that it is gone: then it is made at once, and not looked at first. */
interface Guarded extends Kernel {
  audit(isGone?: boolean): Promise<void>;
}

interface Options {
  readonly table: Guarded;
  readonly wanted: Wanted;
  readonly nft: Nft;
  readonly rules: PortalRules;
  readonly clock: Clock;
  readonly log: Log;
  /** True for the process of a write of our own. */
  readonly isOwn: (pid: number) => boolean;
  readonly listen: (written: (written: Written) => void) => Listener;
}

/**
 * Our table, which is compared as soon as somebody else has written into it, and not only when an audit is due.
 * Looks after the portals' own rules, too.
 */
export class GuardedTable implements Kernel {
  readonly #options: Options;
  readonly #listener: Listener;
  /** A change waits to be looked at. */
  #isDue = false;
  /** It takes our table away. */
  #isGone = false;
  #isLooking = false;
  #cancelLook: (() => void) | undefined;
  #shutOut: Promise<void> = Promise.resolve();
  /** The next look at the portals' rules alone. */
  #cancelAgain: (() => void) | undefined;
  #stopped = false;
  #fault = '';

  constructor(options: Options) {
    this.#options = options;
    this.#listener = options.listen((written) => this.#heard(written));
  }

  get status(): KernelStatus {
    return this.#options.table.status;
  }

  sync(ids: Iterable<string>): Promise<void> {
    return this.#options.table.sync(ids);
  }

  cut(macs: Iterable<Mac>): Promise<void> {
    this.#shutOut = this.#options.table.cut(macs);
    return this.#shutOut;
  }

  read(): Promise<readonly Count[]> {
    return this.#options.table.read();
  }

  count(id: string): Promise<Counted | undefined> {
    return this.#options.table.count(id);
  }

  async audit(): Promise<void> {
    // Beside lists of thousands of sessions it would take twice as long.
    await this.#shutOut;
    // Before all else: what is written while the table is compared is heard.
    if (!this.#stopped) this.#listener.start();
    await this.#lookAtPortals();
    await this.#options.table.audit();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancelLook?.();
    this.#cancelAgain?.();
    await this.#listener.stop();
    await this.#options.table.stop();
  }

  #heard({ pid, tables, deleted }: Written): void {
    if (pid !== undefined && this.#options.isOwn(pid)) return;
    if (tables && !tables.has(ours) && ![...tables].some((name) => this.#isPortals(name))) return;
    this.#isDue = true;
    this.#isGone ||= deleted?.has(ours) ?? false;
    // A table that is gone waits for no rest.
    if (!this.#isLooking && (this.#isGone || !this.#cancelLook)) void this.#look();
  }

  async #look(): Promise<void> {
    this.#cancelLook?.();
    this.#cancelLook = undefined;
    if (!this.#isDue || this.#stopped) return;
    const { clock, table } = this.#options;
    const isGone = this.#isGone;
    this.#isDue = false;
    this.#isGone = false;
    this.#isLooking = true;
    const began = clock.mono();
    // Our table first: nobody may pass meanwhile. Once more where a portal's flows were taken out.
    await table.audit(isGone);
    if (await this.#lookAtPortals()) await table.audit();
    this.#isLooking = false;
    this.#plan(this.#isGone ? 0 : Math.max(restMs, (clock.mono() - began) / share));
  }

  #plan(ms: number): void {
    this.#cancelLook?.();
    if (!this.#stopped) this.#cancelLook = this.#options.clock.after(ms, () => void this.#look());
  }

  /** @returns whether flows were taken out */
  async #lookAtPortals(): Promise<boolean> {
    const { wanted, nft, rules, clock, log } = this.#options;
    try {
      const taken = await takeOutFlows(nft, wanted.premises());
      for (const name of taken) log('warn', `kernel: took out what the portal offloads by flowtable ${name}`);
      const wait = await rules.look(wanted.premises(), clock.mono());
      if (wait !== undefined) this.#again(wait);
      this.#fault = '';
      return taken.length > 0;
    } catch (cause) {
      const { message } = cause as Error;
      if (message !== this.#fault) log('warn', `kernel: cannot look at the portals' rules: ${message}`);
      this.#fault = message;
      return false;
    }
  }

  /** Looks again when chains have been away for long enough to be missed. */
  #again(ms: number): void {
    this.#cancelAgain?.();
    if (!this.#stopped) this.#cancelAgain = this.#options.clock.after(ms, () => void this.#lookAtPortals());
  }

  /** A table in which a portal has rules of its own. */
  #isPortals(table: string): boolean {
    for (const { own } of this.#options.wanted.premises()) {
      if (own?.chains.some((chains) => chains.some((chain) => chain.startsWith(`${table} `)))) return true;
    }
    return false;
  }
}
