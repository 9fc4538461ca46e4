import { refundsOf } from '../../domain/lot.js';
import { reversalsOf } from '../../domain/refunds.js';
import { isDone, type Session } from '../../domain/session.js';
import { yOf } from './ecash.js';
import { type Entry, isBack, over, proofsFor, sold, without } from './entry.js';
import type { Exchange } from './exchange.js';
import type { Mint } from './mint.js';
import type { Purse } from './purse.js';

/** A token that the mint has never taken is forgotten after this long, in ms: no request is on its way so long. */
const forgetMs = 3_600_000;
/** Tokens that were given back are looked for at the mint for this long, in ms. */
const watchMs = 30 * 86_400_000;
/** Ways to pay whose money is in the purse. */
const methods: readonly string[] = ['cashu', 'lightning'];
/** Proofs that a mint is asked for at once. */
const mostAtOnce = 100;

/** Brings the purse up to date with the journal and with the mints: after a crash, and now and then. */
export class Sweep {
  readonly #purse: Purse;
  readonly #exchange: Exchange;
  readonly #mints: ReadonlyMap<string, Mint>;
  readonly #sessionOf: (key: string) => Session | undefined;
  readonly #wall: () => number;

  /** @param sessionOf the session that was sold under a key */
  constructor(
    purse: Purse,
    exchange: Exchange,
    mints: ReadonlyMap<string, Mint>,
    sessionOf: (key: string) => Session | undefined,
    wall: () => number,
  ) {
    this.#purse = purse;
    this.#exchange = exchange;
    this.#mints = mints;
    this.#sessionOf = sessionOf;
    this.#wall = wall;
  }

  /** What the journal says. Sales whose word was lost in a crash are found by their keys. */
  async ofJournal(): Promise<void> {
    for (const { id } of this.#purse.all()) {
      await this.#purse.inTurn(id, () => this.#followSession(id));
    }
  }

  /** What the mints say. */
  async ofMints(): Promise<void> {
    await this.#purse.writeAgain();
    for (const { id } of this.#purse.all()) await this.#purse.inTurn(id, () => this.#askMint(id));
  }

  async #followSession(id: string): Promise<void> {
    const entry = this.#purse.get(id);
    if (!entry || (entry.state !== 'taken' && entry.state !== 'sold')) return;
    const session = this.#sessionOf(entry.key);
    const isPaid = session?.lots.some(({ key }) => key === entry.key) || (session && isDone(session));
    const now = this.#wall();
    if (entry.state === 'taken' && isPaid) await this.#purse.note(id, sold(entry, now));
    const next = this.#purse.get(id)!;
    if (next.state !== 'sold' || (session && !isDone(session))) return;
    // What is left goes with the session, which another device may have by now.
    const mac = session?.mac ?? next.mac;
    await this.#purse.note(id, over({ ...next, mac }, session ? unusedSteps(session, next) : 0, now));
  }

  async #askMint(id: string): Promise<void> {
    const entry = this.#purse.get(id);
    const mint = this.#mints.get(entry?.mint ?? '');
    // What has come back to the seller is swapped by whoever spent it, and never forgotten.
    if (!entry || !mint || isBack(entry)) return;
    const age = Math.abs(this.#wall() - entry.at);
    if (entry.state === 'asked') await this.#recover(entry, mint, age);
    else if (proofsFor(entry, 'customer').length > 0 && age < watchMs) await this.#forgetSpent(entry, mint);
  }

  async #recover(entry: Entry, mint: Mint, age: number): Promise<void> {
    const found = await this.#exchange.recover(mint, entry).catch(() => undefined);
    const isLost = found?.state === 'refused' || (found?.state === 'unspent' && age > forgetMs);
    if (isLost) await this.#purse.note(entry.id, undefined);
  }

  /** What the customer has spent is not kept for them any more. */
  async #forgetSpent(entry: Entry, mint: Mint): Promise<void> {
    const ys = proofsFor(entry, 'customer').map(({ secret }) => yOf(secret));
    const states: string[] = [];
    for (let from = 0; from < ys.length; from += mostAtOnce) {
      const answer = await mint.states(ys.slice(from, from + mostAtOnce));
      if (!answer.ok) return;
      states.push(...answer.value);
    }
    if (states.every((state) => state === 'SPENT')) {
      await this.#purse.note(
        entry.id,
        without(entry, ({ whose }) => whose === 'customer'),
      );
    }
  }
}

/** Whole steps of the entry's lot that the session did not begin. */
function unusedSteps(session: Session, { id, unitPrice }: Entry): number {
  const refunds = refundsOf(session.lots, session.usage, reversalsOf(session));
  const mine = refunds.find(({ method, reference }) => methods.includes(method) && reference === id);
  return mine ? Number(mine.money.amount) / unitPrice : 0;
}
