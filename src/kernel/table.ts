import type { Count, Counted } from '../domain/hold.js';
import type { Mac } from '../domain/mac.js';
import type { Kernel, KernelGate, KernelStatus } from '../ports/kernel.js';
import { Counting } from './counting.js';
import { Cut, unsure } from './cut.js';
import { noListing } from './listing.js';
import { Maker } from './maker.js';
import { isRefused } from './nft.js';
import { type Change, Pieces } from './pieces.js';
import { allPremisesOf } from './premises.js';
import { Quotas } from './quotas.js';
import { Reader } from './reader.js';
import { recovered } from './recovery.js';
import { rulesetOf } from './ruleset.js';
import { changes, scriptOf } from './script.js';
import { Standing } from './standing.js';
import type { TableParts } from './table-parts.js';
import { Turns } from './turns.js';

/**
 * Gate, meter and caps in the kernel: an nft table of turnpike's own. It holds while turnpike is down and
 * whatever a portal does.
 *
 * A change costs what changed: the rules of the sessions concerned are compared, and written as one transaction.
 * The whole table is compared in audits; one that differs from the one that turnpike made is made anew, and goes
 * on from what was counted. One turn runs at a time; the next turn does together what is asked for meanwhile.
 */
export class KernelTable implements Kernel, KernelGate {
  readonly #parts: TableParts;
  readonly #reader: Reader;
  readonly #pieces: Pieces;
  readonly #dirty = new Set<string>();
  readonly #quotas: Quotas;
  /** No fault since the last write, so the table need not be read before the next one: not while it is compared. */
  #isSure = false;
  readonly #maker: Maker;
  readonly #cut: Cut;
  /** The premises when the table was last compared. */
  #asked = '';
  readonly #standing: Standing;
  /** Sessions whose counters moved and of which nobody was told yet. */
  readonly #untold = new Set<string>();
  readonly #turns = new Turns();
  #queued: Promise<void> | undefined;
  readonly #counting: Counting;

  constructor(parts: TableParts) {
    this.#parts = parts;
    this.#reader = new Reader(parts.nft, parts.marks, parts.now ?? (() => performance.now()));
    this.#standing = new Standing(parts.log, parts.witness);
    this.#pieces = new Pieces(parts.marks, parts.after ?? 0);
    this.#quotas = new Quotas(this.#reader, this.#pieces, async (change) => {
      if (!(await this.#write(change))) await this.#compare();
    });
    this.#counting = new Counting(this.#reader, this.#pieces, this.#turns, {
      tried: (count) => this.#try(count),
      sure: async () => {
        if (!this.#isSure) await this.#compare();
      },
    });
    this.#cut = new Cut(parts.nft, this.#pieces, parts.marks);
    this.#maker = new Maker(parts, this.#reader, this.#pieces, {
      run: (commands, change) => this.#run(commands, change),
      keep: (change) => this.#keep(change),
    });
  }

  get status(): KernelStatus {
    return this.#standing.status;
  }

  async settle(): Promise<void> {
    await this.sync([]);
  }

  sync(ids: Iterable<string>): Promise<void> {
    for (const id of ids) this.#dirty.add(id);
    this.#queued ??= this.#nextWrite();
    return this.#queued;
  }

  cut(macs: Iterable<Mac>): Promise<void> {
    const isNext = this.#isSure && !this.#turns.isBehind(this.#queued);
    return isNext ? Promise.resolve() : this.#cut.take(macs);
  }

  read(): Promise<readonly Count[]> {
    return this.#turns.take(async () => (await this.#try(() => this.#look())) ?? []);
  }

  count(id: string): Promise<Counted | undefined> {
    return this.#counting.of(id);
  }

  get isKept(): boolean {
    return ['on', 'bypassed'].includes(this.status.state);
  }

  passes(mac: Mac): boolean {
    return this.#pieces.passes(mac);
  }

  sent(mac: Mac): number {
    return this.#pieces.sent(mac);
  }

  /** `isGone`: somebody has deleted the table. Then it is made before anybody looks at it. */
  audit(isGone = false): Promise<void> {
    const { times } = this.#maker;
    return this.#turns.take(async () => {
      const bypassed = await this.#try(async () => {
        await this.#compare(isGone && this.#maker.times === times);
        await this.#quotas.mend();
        return this.#reader.hasFlowtable();
      });
      if (bypassed !== undefined) this.#standing.clear(bypassed);
    });
  }

  stop(): Promise<void> {
    return this.#turns.done();
  }

  #nextWrite(): Promise<void> {
    // Who is shut out by this write is counted behind it.
    this.#counting.part();
    return this.#turns.take(async () => {
      this.#queued = undefined;
      await this.#try(() => (this.#isSure ? this.#amend() : this.#compare()));
    });
  }

  /** Does something with the table; undefined when that failed, and the state says why. */
  async #try<T>(work: () => Promise<T>): Promise<T | undefined> {
    try {
      const done = await this.#twice(work);
      this.#standing.worked();
      return done;
    } catch (cause) {
      this.#isSure = false;
      this.#standing.failed(cause);
      return undefined;
    }
  }

  /** A refusal means that the table is not what turnpike takes it for: it is made so, and asked again. */
  async #twice<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (cause) {
      if (!isRefused(cause)) throw cause;
      await this.#compare();
      return work();
    }
  }

  /** Writes what the sessions that were named need. */
  async #amend(): Promise<void> {
    const cut = await this.#cut.settled();
    const ids = [...this.#dirty];
    this.#dirty.clear();
    const { wanted } = this.#parts;
    if (this.#asked !== allPremisesOf(wanted.premises())) return this.#compare();
    const change = this.#pieces.changeOf(ids, (id) => wanted.hold(id), cut);
    const urgent = this.#quotas.urgent(change);
    if (!(await this.#write(await this.#quotas.before(change, urgent), cut.size > 0))) return this.#compare();
    await this.#quotas.settle(urgent);
  }

  async #look(): Promise<Count[]> {
    if (!this.#isSure) await this.#compare();
    const { witness, readAll } = this.#parts;
    const { moved, seen, baseline } = await readAll(
      this.#reader.forCounters,
      witness?.due(this.#pieces.size),
    );
    let isWhole = seen === this.#pieces.counters;
    for (const { index, up, down } of moved) {
      const piece = this.#pieces.at(index);
      if (!piece) continue;
      isWhole = this.#pieces.noteCount(piece.hold.id, { up, down }) && isWhole;
      this.#quotas.watch(piece);
      this.#untold.add(piece.hold.id);
    }
    witness?.note(baseline, isWhole ? this.#pieces.counts() : new Map());
    if (!isWhole) await this.#compare();
    return this.#countsOf();
  }

  async #countsOf(): Promise<Count[]> {
    const spent = await this.#quotas.spent();
    const told = new Set([...this.#untold, ...spent.keys()]);
    this.#untold.clear();
    return [...told].map((id) => ({ id, ...this.#pieces.countOf(id), spent: spent.get(id) ?? {} }));
  }

  /** Reads the whole table and makes it what is wanted. */
  async #compare(isGone = false): Promise<void> {
    const { wanted, witness } = this.#parts;
    const found = isGone ? noListing() : await this.#reader.table();
    // Once: a reload may put others in their place while the table is made, and that is the next turn's.
    const places = [...wanted.premises()];
    const asked = allPremisesOf(places);
    const isWhole = await this.#pieces.noteTable(found);
    for (const id of await recovered(this.#pieces, found, witness)) this.#untold.add(id);
    const isOurs = isWhole && this.#maker.isOurs(found, places);
    const isLeft = isOurs && (await this.#maker.isAsWritten(found, places));
    // Of those who were shut out meanwhile it is not.
    const isUnsure = !this.#isSure || this.#cut.isUnsettled;
    if (!isUnsure && !isLeft && this.#asked === asked) this.#standing.changed();
    this.#isSure = false;
    this.#asked = asked;
    this.#dirty.clear();
    const isWritten = isOurs ? await this.#maker.mend(found, places) : await this.#maker.adopt(found, places);
    if (!isWritten) await this.#maker.make(found, isWhole, places);
    this.#isSure = true;
    await this.#quotas.noteTable(found);
    this.#pieces.forgetOthers();
    if (this.#cut.isUnsettled) await this.#amend();
  }

  /** Writes a change. `isUnsure`: some of these sessions may have been cut. @returns false when nft refused it. */
  #write(change: Pick<Change, 'before' | 'after'>, isUnsure = false): Promise<boolean> {
    const [from, to] = [change.before, change.after].map((pieces) => rulesetOf(pieces, this.#parts.marks));
    return this.#run(changes(isUnsure ? unsure(from!) : from!, to!), change);
  }

  async #run(commands: readonly string[], change: Pick<Change, 'before' | 'after'>): Promise<boolean> {
    try {
      if (commands.length > 0) await this.#parts.nft(['-f', '-'], scriptOf(commands));
    } catch (cause) {
      if (!isRefused(cause)) throw cause;
      this.#isSure = false;
      this.#standing.refused(cause);
      return false;
    }
    this.#keep(change);
    return true;
  }

  #keep(change: Pick<Change, 'before' | 'after'>): void {
    const { witness, wanted } = this.#parts;
    witness?.changed(change, this.#isSure && [...wanted.premises()].every(({ exclusive }) => exclusive));
    this.#pieces.keep(change);
    this.#cut.known();
    for (const piece of change.after) this.#quotas.watch(piece);
    this.#standing.full(this.#pieces.isFull);
  }
}
