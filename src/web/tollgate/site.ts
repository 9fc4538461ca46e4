import { createHash } from 'node:crypto';
import type { Mac } from '../../domain/mac.js';
import { formatAmount, type Money } from '../../domain/money.js';
import type { Plan } from '../../domain/plan.js';
import { refuse } from '../../domain/refuse.js';
import { isUsable, type Session } from '../../domain/session.js';
import type { Refusal, Result } from '../../ports/result.js';
import type { Device, Reply, Route, WebRequest, WebSite } from '../../ports/web.js';
import { crossOrigin } from './cross-origin.js';
import { type Identity, kinds, type Said } from './event.js';
import { noticeOf } from './notices.js';
import { advertisementOf, countOf, type MintPlace } from './offer.js';
import { paymentIn } from './payment.js';

/** A token of 64 kB in an event. */
const longestPayment = 96 * 1024;
/** When what is on its way may be sent again, in seconds. */
const againSeconds = '3';

/** What these routes ask of the daemon. */
export interface TollgateShop {
  plans(): Iterable<Plan>;
  purchase(order: {
    readonly mac: Mac;
    readonly gateway?: string;
    readonly plan: string;
    readonly payment: Readonly<Record<string, unknown>> & { readonly method: string };
    readonly key: string;
  }): Promise<Result<Session>>;
  sessionOfMac(mac: Mac): Session | undefined;
  returned(mac: Mac): Promise<readonly { readonly money: Money; readonly token: string }[]>;
  now(): number;
}

/** What is sold, and by whom. */
export interface TollgateOffer {
  /** The plan. TollGate's protocol has one price list, with one metric. */
  readonly plan: string;
  readonly mints: readonly MintPlace[];
  readonly identity: Identity;
  readonly port: number;
}

type Handle = (request: WebRequest) => Promise<Reply> | Reply;

/** The protocol of TollGates: OpenTollGate's TIP-01, TIP-02 and HTTP-01 to HTTP-03. */
export function tollgateSite(offer: TollgateOffer, shop: TollgateShop): WebSite {
  const gate = new Tollgate(offer, shop);
  const route = (path: string, answers: Readonly<Record<string, Handle>>, mostBytes = 0): Route => ({
    ...{ method: '*', path, from: 'anybody', mostBytes },
    handle: (request) => crossOrigin(request, answers),
  });
  return {
    port: offer.port,
    routes: [
      route('/', { GET: () => gate.advertise(), POST: (asked) => gate.sell(asked) }, longestPayment),
      route('/whoami', { GET: (asked) => gate.name(asked) }),
      route('/usage', { GET: (asked) => gate.count(asked) }),
    ],
  };
}

class Tollgate {
  readonly #offer: TollgateOffer;
  readonly #shop: TollgateShop;

  constructor(offer: TollgateOffer, shop: TollgateShop) {
    this.#offer = offer;
    this.#shop = shop;
  }

  advertise(): Reply {
    const plan = this.#plan;
    if (!plan) return this.#refused(nothing);
    const tags = advertisementOf(plan, this.#offer.mints);
    if (!tags.some(([name]) => name === 'price_per_step')) return this.#refused(nothing);
    return this.#signed(200, { kind: kinds.advertisement, tags });
  }

  /** Sells as many steps as the token pays for to the device that sends it. */
  async sell(request: WebRequest): Promise<Reply> {
    const { token, pubkey } = paymentIn(request.body);
    const device = await request.device();
    if (!device) return this.#refused(nobody);
    if (token === '') return this.#refused(noToken);
    const sold = await this.#shop.purchase({
      ...{ ...device, plan: this.#offer.plan, payment: { method: 'cashu', token } },
      key: keyOf(device, token),
    });
    if (!sold.ok) return this.#refused(sold);
    if (!isUsable(sold.value)) return this.#refused(usedUp);
    return this.#signed(200, { kind: kinds.session, tags: await this.#sessionTags(sold.value, pubkey) });
  }

  async name(request: WebRequest): Promise<Reply> {
    const device = await request.device();
    return device ? text(`mac=${device.mac}`) : text('this address is no customer’s device\n', 404);
  }

  async count(request: WebRequest): Promise<Reply> {
    const device = await request.device();
    const session = device && this.#shop.sessionOfMac(device.mac);
    const counted = session && isUsable(session) ? countOf(session, this.#plan?.metric) : undefined;
    return text(counted ? `${counted.used}/${counted.allotment}` : '-1/-1');
  }

  get #plan(): Plan | undefined {
    return [...this.#shop.plans()].find(({ id }) => id === this.#offer.plan);
  }

  async #sessionTags(session: Session, pubkey: string | undefined): Promise<Said['tags']> {
    const { mac, openedAt = session.createdAt } = session;
    const counted = countOf(session, this.#plan?.metric);
    // The protocol has no word for change: who does not know this tag finds it on the page.
    const back = (await this.#shop.returned(mac)).map(({ money, token }) => [
      ...['change', token, formatAmount(money), money.currency],
    ]);
    return [
      ...forCustomer(pubkey),
      ['device-identifier', 'mac', mac],
      ['allotment', `${counted?.allotment ?? 0}`],
      ['metric', counted?.metric ?? 'bytes'],
      ['start-time', `${Math.floor(openedAt / 1000)}`],
      ...back,
    ];
  }

  /** Without the customer's key: whoever makes up keys would have each refusal signed anew. */
  #refused(refusal: Refusal): Reply {
    const { code, status } = noticeOf(refusal);
    const level = status === 503 ? 'warning' : 'error';
    const tags = [
      ['level', level],
      ['code', code],
    ];
    const reply = this.#signed(status, { kind: kinds.notice, tags, content: refusal.message });
    return status === 503 ? { ...reply, headers: { ...reply.headers, 'Retry-After': againSeconds } } : reply;
  }

  #signed(status: number, said: Said): Reply {
    const { identity } = this.#offer;
    const now = this.#shop.now();
    const event = said.kind === kinds.session ? identity.sign(said, now) : identity.announce(said, now);
    return {
      status,
      headers: { 'Content-Type': 'application/json' },
      body: `${JSON.stringify(event)}\n`,
    };
  }
}

const nothing = refuse('no_price', 'nothing is for sale here at the moment');
const nobody = refuse('unknown_device', 'this address is no customer’s device');
const noToken = refuse('bad_payment', 'send a Cashu token as the body, or an event of kind 21000 with one');

const usedUp = refuse('token_spent', 'what this token bought is used up');

/** The same token from the same device is the same purchase. */
function keyOf({ mac }: Device, token: string): string {
  return `tollgate-${createHash('sha256').update(`${mac} ${token}`).digest('hex')}`;
}

function forCustomer(pubkey: string | undefined): string[][] {
  return pubkey === undefined ? [] : [['p', pubkey]];
}

function text(body: string, status = 200): Reply {
  return { status, headers: { 'Content-Type': 'text/plain; charset=utf-8' }, body };
}
