import type { Mac } from '../../domain/mac.js';
import { refuse } from '../../domain/refuse.js';
import type { Clock } from '../../ports/clock.js';
import type { Log } from '../../ports/log.js';
import type { Spend, Spending, Spent } from '../../ports/payment-method.js';
import type { Result } from '../../ports/result.js';
import { coinsFor } from './coins.js';
import { tokenOf } from './ecash.js';
import { backKey, type Entry, isBack, over, type Piece, proofsFor, worthOf } from './entry.js';
import { type Exchange, feeOf } from './exchange.js';
import type { Mint } from './mint.js';
import { fitting, type Outlet } from './outlet.js';
import type { Purse } from './purse.js';
import type { MintPlace } from './section.js';
import type { SpendBook } from './spend-book.js';
import { powersOf } from './split.js';
import { readToken } from './token.js';

/** Tokens of change that are taken of one payment. */
const mostChange = 4;

/** A payment whose end nobody has told by then is taken back, in ms. */
const forgottenMs = 3_600_000;

/** What a {@link PurseSpending} works with. */
export interface SpendParts {
  readonly places: readonly MintPlace[];
  readonly mints: ReadonlyMap<string, Mint>;
  readonly purse: Purse;
  readonly exchange: Exchange;
  readonly outlet: Outlet;
  readonly book: SpendBook;
  readonly clock: Clock;
  readonly log: Log;
  readonly newId: () => string;
}

/** Spends the seller's money out of the purse. What comes back is swapped first: somebody else knows its secrets. */
export class PurseSpending implements Spending {
  readonly #parts: SpendParts;
  #turn: Promise<void> = Promise.resolve();
  /** Entries of which coins are being taken. */
  #taking: ReadonlySet<string> = new Set();

  constructor(parts: SpendParts) {
    this.#parts = parts;
  }

  get now(): Spent | undefined {
    return this.#parts.book.now;
  }

  today(unit: string): number {
    return this.#parts.book.today(unit);
  }

  /** Whether coins of this entry are being taken just now. */
  isTaking(entry: string): boolean {
    return this.#taking.has(entry);
  }

  begin(want: Spend): Promise<Result<Spent>> {
    const begun = this.#turn.then(() => this.#begin(want));
    this.#turn = begun.then(
      () => {},
      () => {},
    );
    return begun;
  }

  async #begin(want: Spend): Promise<Result<Spent>> {
    const { book, purse, newId } = this.#parts;
    if (book.now || purse.isClosed) {
      return refuse('busy', 'another payment out of the purse is under way');
    }
    try {
      const { place, unit } = want;
      // Asked for first: between the choice of the coins and its mark nobody else may have a turn.
      const keysets = await this.#parts.mints.get(place)?.keysets();
      const fee = (proofs: Parameters<typeof feeOf>[0]) => (keysets?.ok ? feeOf(proofs, keysets.value) : 0);
      if (purse.isClosed) return refuse('busy', 'turnpike is being stopped');
      const entries = fitting(this.#parts.outlet.payable(place, unit));
      const coins = coinsFor(
        entries.flatMap((entry) => proofsFor(entry, 'seller')),
        want,
        fee,
      );
      if (!coins) return refuse('no_coins', `the purse has no coins of ${place} that fit`);
      this.#taking = new Set(entries.map(({ id }) => id));
      const token = tokenOf(place, unit, coins);
      await book.begin({
        id: newId(),
        place,
        unit,
        amount: worthOf(coins),
        token,
        inputs: coins,
        at: this.#parts.clock.wall(),
      });
      await this.#takeAway();
      return { ok: true, value: book.now! };
    } catch (cause) {
      return refused(cause);
    } finally {
      this.#taking = new Set();
    }
  }

  paid(change: readonly string[]): Promise<void> {
    return this.#end(change.slice(0, mostChange), '');
  }

  takeBack(): Promise<void> {
    const { now } = this.#parts.book;
    return this.#end(now ? [now.token] : [], 'back-');
  }

  /** Resolves when all that was begun is written: another purse is about to be opened on the same disk. */
  async stop(): Promise<void> {
    await this.#turn.catch(() => {});
  }

  /** What comes back is written down before the payment is over: a crash between the two loses none of it. */
  #end(tokens: readonly string[], name: string): Promise<void> {
    const ended = this.#turn.then(async () => {
      const { book, purse } = this.#parts;
      const { now } = book;
      if (!now) return;
      for (const [at, token] of tokens.entries()) await this.#expect(`${now.id}-${name}${at}`, now, token);
      if (!purse.isClosed) await book.end();
    });
    this.#turn = ended.catch(() => {});
    return ended.then(() => this.mend());
  }

  /** Writes down what was begun before a crash: nothing else may touch the purse before. */
  async start(): Promise<void> {
    if (this.#parts.book.now) await this.#takeAway();
  }

  /** Swaps what has come back, as far as its mint answers now. */
  async mend(): Promise<void> {
    const { purse, log, book, clock } = this.#parts;
    // Nobody has asked for it any more, as when it is not configured any more.
    if (book.now && Math.abs(clock.wall() - book.now.at) > forgottenMs) await this.takeBack();
    for (const { id } of purse.all().filter(isBack)) {
      await purse
        .inTurn(id, () => this.#receive(id))
        .catch((cause: Error) => log('error', `upstream: ${cause.message}`));
    }
  }

  /** The coins of the payment are its own, and the purse's no more. */
  async #takeAway(): Promise<void> {
    const { purse, book } = this.#parts;
    const gone = new Set(book.now!.inputs.map(({ secret }) => secret));
    for (const { id } of purse.all()) {
      await purse.inTurn(id, async () => {
        const entry = purse.get(id);
        if (!entry || !proofsFor(entry, 'seller').some(({ secret }) => gone.has(secret))) return;
        const pieces = entry.pieces.map((piece) => lessOf(piece, gone));
        const isLeft = pieces.some(({ whose }) => whose !== 'gone');
        await purse.note(id, isLeft ? { ...entry, pieces } : undefined);
      });
    }
  }

  /** Puts a token down as one that the mint is to be asked for. It may be there from before a crash. */
  async #expect(name: string, { id, place, unit }: Spent, token: string): Promise<void> {
    const { purse, clock } = this.#parts;
    const entry: Entry = {
      ...{
        id: `upstream-${name}`,
        state: 'asked',
        key: `${backKey}${id}`,
        mac: '' as Mac,
        at: clock.wall(),
      },
      ...{ mint: place, unit, steps: 0, unitPrice: 0, worth: 0, token },
      ...{ inputs: [], parts: [], tries: [], pieces: [] },
    };
    await purse.inTurn(entry.id, async () => {
      if (!purse.get(entry.id)) await purse.decide(entry);
    });
  }

  /** @throws what the safe throws */
  async #receive(id: string): Promise<void> {
    const { purse, exchange, mints, log } = this.#parts;
    const entry = purse.get(id);
    if (!entry || !isBack(entry)) return;
    if (entry.state === 'taken') return this.#keep(entry);
    const asked = entry.tries.length > 0 ? entry : await this.#asked(entry);
    const mint = mints.get(entry.mint);
    if (!asked || !mint) return;
    const done = await exchange.again(mint, asked);
    if (done.state === 'taken') return this.#keep(done.entry);
    if (done.state !== 'refused') return;
    log('info', `upstream: a token did not come back: ${done.refusal.message}`);
    await purse.note(id, undefined);
  }

  /** With outputs, which are on the disk; undefined while the mint is away, or when there is nothing to be had. */
  async #asked(entry: Entry): Promise<Entry | undefined> {
    const { places, exchange, mints, purse, log } = this.#parts;
    const read = readToken(entry.token, places);
    const mint = read.ok ? mints.get(read.value.place.url) : undefined;
    const found = read.ok && mint ? await exchange.appraise(mint, read.value) : read;
    if (!found) return undefined;
    if (!('worth' in found) || !mint || !read.ok) {
      log('warn', `upstream: change cannot be taken: ${'message' in found ? found.message : ''}`);
      await purse.note(entry.id, undefined);
      return undefined;
    }
    const { url, unit } = read.value.place;
    const parts = [{ steps: 0, amounts: powersOf(found.worth) }];
    const outputs = await exchange.outputs(mint, { unit, parts });
    if (!outputs) return undefined;
    const next: Entry = {
      ...{ ...entry, mint: url, unit, worth: found.worth, inputs: found.proofs, parts, tries: [outputs] },
    };
    await purse.decide(next);
    return next;
  }

  /** It is the seller's again, and does not count for the day. */
  async #keep({ token: _, ...entry }: Entry): Promise<void> {
    const { purse, book, clock } = this.#parts;
    await purse.note(entry.id, over(entry, 0, clock.wall()));
    await book.gotBack(entry.key.slice(backKey.length), entry.worth);
  }
}

function lessOf(piece: Piece, gone: ReadonlySet<string>): Piece {
  if (piece.whose !== 'seller') return piece;
  const proofs = piece.proofs.filter(({ secret }) => !gone.has(secret));
  return proofs.length > 0 ? { ...piece, proofs } : { steps: piece.steps, proofs: [], whose: 'gone' };
}

/** The disk refuses it: nothing was spent. */
function refused(cause: unknown): ReturnType<typeof refuse> {
  const { code, message } = cause as { code?: unknown; message: string };
  if (typeof code !== 'string' || !code.startsWith('storage_')) throw cause;
  return refuse(code, message);
}
