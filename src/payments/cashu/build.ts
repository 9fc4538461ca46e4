import { randomBytes } from 'node:crypto';
import { refuse } from '../../domain/refuse.js';
import { requestJson } from '../../http/request.js';
import type { Notice } from '../../ports/notice.js';
import type { Billing, PaymentParts, Payments } from '../../ports/payment-method.js';
import type { Result } from '../../ports/result.js';
import type { SinkStanding } from '../../ports/sink.js';
import { Bills } from './bills.js';
import { Exchange } from './exchange.js';
import { Mint } from './mint.js';
import { Outlet } from './outlet.js';
import { Purse } from './purse.js';
import type { CashuConfig } from './section.js';
import { Sweep } from './sweep.js';
import { CashuTill } from './till.js';

/** Time limit of a call to a mint, in ms: a purchase waits for three of them. */
const callLimitMs = 5_000;
/** How often mints are asked what became of tokens, in ms; sooner while one is away. */
const sweepMs = 600_000;
const awayMs = 30_000;
/** The file beside the journal that holds the money. */
export const purseFile = 'cashu';

/** Takes tokens of the configured mints. @throws `StoreError` when the purse cannot be read */
export async function buildCashu(
  config: CashuConfig,
  parts: PaymentParts,
  request = requestJson,
): Promise<Payments> {
  const { clock, log } = parts;
  const { mints: places } = config;
  const purse = new Purse(await parts.safe(purseFile), log);
  const urls = [...new Set(places.map(({ url }) => url))];
  const mints = new Map(urls.map((url) => [url, new Mint(url, callLimitMs, () => clock.mono(), request)]));
  const wall = () => clock.wall();
  const exchange = new Exchange(purse, wall);
  const sweep = new Sweep(purse, exchange, mints, parts.sessionOf, wall);
  const outlet = new Outlet(purse, places, () => randomBytes(8).toString('hex'));
  const till = new CashuTill(places, mints, purse, exchange, parts);
  const bills = new Bills(config, mints, purse, exchange, parts);
  const cashu = new Cashu(till, outlet, sweep, bills, config.lightning, mints, purse, parts);
  await sweep.ofJournal();
  // A mint may be away for hours: the daemon starts without it.
  void cashu.keepUp();
  // Also where Lightning was switched off: an invoice may have been paid.
  bills.start();
  return cashu;
}

/** The mints of one section `cashu`, and what they issued. */
class Cashu implements Payments {
  readonly methods;
  readonly schemes = [];
  readonly billings: readonly Billing[];
  readonly #sweep: Sweep;
  readonly #bills: Bills;
  readonly #mints: ReadonlyMap<string, Mint>;
  readonly #purse: Purse;
  readonly #parts: PaymentParts;
  #isStopped = false;
  #again = () => {};
  #work: Promise<unknown> = Promise.resolve();

  constructor(
    till: CashuTill,
    outlet: Outlet,
    sweep: Sweep,
    bills: Bills,
    isBilling: boolean,
    mints: ReadonlyMap<string, Mint>,
    purse: Purse,
    parts: PaymentParts,
  ) {
    this.methods = [Object.assign(till, { takeOut: (written: string | undefined) => outlet.next(written) })];
    this.#sweep = sweep;
    this.#bills = bills;
    this.billings = isBilling ? [bills] : [];
    this.#mints = mints;
    this.#purse = purse;
    this.#parts = parts;
  }

  get standing(): SinkStanding {
    const backlog = this.#purse.all().filter(({ state }) => state === 'asked').length;
    const mints = [...this.#mints.values()];
    const error = mints.flatMap(({ url, trouble }) => (trouble ? [`${url}: ${trouble}`] : [])).join('; ');
    if (error !== '') return { state: 'down', backlog, error };
    return {
      state: mints.some(({ trouble }) => trouble === undefined) ? 'connecting' : 'up',
      backlog,
      error,
    };
  }

  hear({ type }: Notice): void {
    if (type !== 'session.closed') return;
    this.#work = this.#work.then(() => this.#sweep.ofJournal());
  }

  async test(): Promise<Result<string>> {
    for (const mint of this.#mints.values()) {
      const answer = await mint.keysets(true);
      if (!answer.ok) return refuse('upstream_silent', `${mint.url}: ${answer.message}`);
    }
    return { ok: true, value: [...this.#mints.keys()].join(', ') };
  }

  /** Asks the mints what became of tokens, again and again. */
  async keepUp(): Promise<void> {
    for (const mint of this.#mints.values()) await mint.keysets(mint.trouble !== '');
    if (!this.#isStopped) await this.#sweep.ofMints();
    if (this.#isStopped) return;
    const isAway = [...this.#mints.values()].some(({ trouble }) => trouble);
    this.#again = this.#parts.clock.after(isAway ? awayMs : sweepMs, () => void this.keepUp());
  }

  async stop(forGood: boolean): Promise<void> {
    this.#isStopped = true;
    this.#again();
    this.#bills.stop();
    await this.#work;
    await this.#purse.close();
    const held = this.#purse.all().length;
    if (forGood && held > 0) {
      this.#parts.log('error', `cashu: ${held} tokens are in the purse, and nobody asks for them now`);
    }
  }
}
