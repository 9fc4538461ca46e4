import { refuse } from '../../domain/refuse.js';
import type { requestText } from '../../http/request.js';
import type { PaymentParts, Payments, Spending, Spent } from '../../ports/payment-method.js';
import type { Result } from '../../ports/result.js';
import type { SinkStanding } from '../../ports/sink.js';
import { changeIn, eventOf, kinds, type Offer, offerIn, plain, usageIn } from './advertisement.js';
import type { UpstreamPurchaseConfig } from './section.js';

/** How often the seller is asked what is left, in ms. */
const lookMs = 10_000;
/** After a refusal nothing is bought for this long, twice as long each time, in ms. */
const [pauseMs, longestPauseMs] = [30_000, 3_600_000];
/** Answers that are missing or say "later", after which the money is taken back. */
const mostTries = 12;

type Asking = (path: string, body?: string) => ReturnType<typeof requestText>;

/** Keeps the router supplied: it looks what is left, and buys more before that is used up. One payment at a time. */
export class Buyer implements Payments {
  readonly methods = [];
  readonly schemes = [];
  readonly #config: UpstreamPurchaseConfig;
  readonly #parts: PaymentParts;
  readonly #ask: Asking;
  #cancel = () => {};
  #working: Promise<void> = Promise.resolve();
  #isStopped = false;
  #failures = 0;
  /** Monotonic, in ms: nothing is bought before. */
  #notBefore = 0;
  /** How often the present payment was sent without an answer that counts. */
  #tries = 0;
  #trouble = '';
  #hasAnswered = false;
  #left: { readonly left: number; readonly allotment: number } | undefined;
  #metric: Offer['metric'] | undefined;

  constructor(config: UpstreamPurchaseConfig, parts: PaymentParts, ask: Asking) {
    this.#config = config;
    this.#parts = parts;
    this.#ask = ask;
  }

  get standing(): SinkStanding {
    const { unit, dayLimit } = this.#config;
    const spending = this.#spending;
    const { left, allotment } = this.#left ?? { left: 0, allotment: 0 };
    const bought = {
      ...{ left, allotment, ...(this.#metric && { metric: this.#metric }), unit },
      ...{ spent_today: spending?.today(unit) ?? 0, day_limit: dayLimit },
    };
    const state = this.#trouble !== '' ? 'down' : this.#hasAnswered ? 'up' : 'connecting';
    return { state, backlog: spending?.now ? 1 : 0, error: this.#trouble, bought };
  }

  start(): void {
    this.#next(0);
  }

  async test(): Promise<Result<string>> {
    const offer = await this.#offer().catch((cause: Error) => refuse('upstream_silent', cause.message));
    if (!offer.ok) return offer;
    const { stepPrice, stepSize, metric, mint } = offer.value;
    return { ok: true, value: `${stepPrice} ${this.#config.unit} of ${mint} for ${stepSize} ${metric}` };
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#cancel();
    await this.#working;
  }

  /** Looks what is left, and buys where it is low. Never rejects; two calls at once are one after the other. */
  look(): Promise<void> {
    this.#working = this.#working.then(() => this.#round()).catch((cause: Error) => this.#say(cause.message));
    return this.#working;
  }

  get #spending(): Spending | undefined {
    return this.#parts.methods().find(({ spending }) => spending)?.spending;
  }

  #next(ms: number): void {
    if (this.#isStopped) return;
    this.#cancel = this.#parts.clock.after(ms, () => void this.look().then(() => this.#next(lookMs)));
  }

  async #round(): Promise<void> {
    const spending = this.#spending;
    if (!spending) return this.#say('section cashu is switched off: there is no purse');
    if (spending.now) return this.#send(spending, spending.now);
    const counted = usageIn((await this.#ask('/usage')).text);
    // Who does not say what is left is not paid for more of it.
    if (!counted) return this.#say('the seller does not say what is left');
    const { used, allotment } = counted;
    this.#left = { left: Math.max(0, allotment - used), allotment };
    const offer = await this.#offer();
    if (!offer.ok) return this.#say(offer.message);
    this.#metric = offer.value.metric;
    this.#hasAnswered = true;
    if (!this.#isLow(offer.value)) return this.#say('');
    if (this.#parts.clock.mono() < this.#notBefore) return;
    await this.#buy(spending, offer.value);
  }

  async #offer(): Promise<Result<Offer>> {
    const { mint: mints, unit, key } = this.#config;
    return offerIn((await this.#ask('/')).text, { mints, unit, ...(key !== undefined && { key }) });
  }

  #isLow({ metric }: Offer): boolean {
    const { lowPercent, lowData, lowTime } = this.#config;
    const { left, allotment } = this.#left ?? { left: 0, allotment: 0 };
    const least = (metric === 'bytes' ? lowData : lowTime) ?? 0;
    return left <= Math.max(least, (allotment * lowPercent) / 100);
  }

  async #buy(spending: Spending, { mint: place, stepPrice, least, most }: Offer): Promise<void> {
    const { unit, atOnce, dayLimit } = this.#config;
    const budget = Math.min(atOnce, dayLimit - spending.today(unit));
    const steps = Math.min(most, Math.floor(budget / stepPrice));
    if (steps < least) {
      const cost = `${least * stepPrice} ${unit} are the least that is sold`;
      return this.#say(`${cost}, and ${Math.max(0, budget)} may be spent now`);
    }
    const begun = await spending.begin({ place, unit, stepPrice, least, most: steps });
    if (!begun.ok) return this.#failed(begun.message);
    this.#tries = 0;
    await this.#send(spending, begun.value);
  }

  /** The same token may be sent as often as needed: its mint takes it once. */
  async #send(spending: Spending, spent: Spent): Promise<void> {
    this.#tries += 1;
    const answer = await this.#ask('/', spent.token).catch(() => undefined);
    if (this.#isStopped) return;
    const event = answer && eventOf(answer.text);
    if (event && this.#isSeller(event.pubkey) && event.kind === kinds.session) {
      await spending.paid(changeIn(event));
      const { amount, unit, place } = spent;
      this.#parts.log('info', `upstream: paid with ${amount} ${unit} of ${place}`);
      this.#failures = 0;
      return this.#say('');
    }
    const isRefusal = answer && answer.status >= 400 && answer.status < 500;
    if (!isRefusal && this.#tries < mostTries)
      return this.#say('the payment is on its way: it is sent again');
    await spending.takeBack();
    this.#failed(isRefusal ? `the payment is refused: ${plain(event?.content) || answer.status}` : silent);
  }

  #isSeller(pubkey: string): boolean {
    return this.#config.key === undefined || this.#config.key === pubkey;
  }

  #failed(why: string): void {
    const { clock } = this.#parts;
    this.#notBefore = clock.mono() + Math.min(pauseMs * 2 ** this.#failures, longestPauseMs);
    this.#failures += 1;
    this.#say(why);
  }

  #say(trouble: string): void {
    if (trouble !== '' && trouble !== this.#trouble) this.#parts.log('warn', `upstream: ${trouble}`);
    this.#trouble = trouble;
  }
}

const silent = 'the seller does not answer to the payment: it is taken back';
