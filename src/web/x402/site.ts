import { createHash } from 'node:crypto';
import type { Plan } from '../../domain/plan.js';
import { present } from '../../domain/present.js';
import { refuse } from '../../domain/refuse.js';
import type { Session } from '../../domain/session.js';
import type { Refusal, Result } from '../../ports/result.js';
import type { Reply, WebRequest, WebSite } from '../../ports/web.js';
import { Counter, type Order, type Sale, type Seller } from './counter.js';
import { statusOf } from './statuses.js';
import {
  type Demand,
  demandReply,
  errorOf,
  isChosen,
  json,
  type Payment,
  paymentOf,
  type Requirements,
  settledHeader,
} from './wire.js';

/** When what is on its way may be asked for again, in seconds. */
const againSeconds = '3';

/** What these routes ask of the daemon. */
export interface X402Shop extends Seller {
  plans(): Iterable<Plan>;
  quote(
    order: { plan: string; steps?: number },
    method: string | undefined,
  ): Result<{
    plan: Plan;
    payment: readonly { method: string; requirements?: object }[];
    away?: readonly { method: string; requirements?: object }[];
  }>;
}

/** How things are shown to programs. */
export interface X402Views {
  plan(plan: Plan): object;
  session(session: Session): object;
}

/** A way to pay for what was asked. */
interface Way {
  readonly method: string;
  readonly requirements: Requirements;
}

/** x402 over HTTP, version 2: `GET /x402` lists what is for sale, `GET /x402/PLAN?steps=N` sells it to who asks. */
export function x402Site(shop: X402Shop, views: X402Views): WebSite {
  const counter = new Counter(shop);
  return {
    routes: [
      { method: 'GET', path: '/x402', handle: (request) => list(request, shop, views) },
      { method: 'GET', path: '/x402/:plan', handle: (request) => buy(request, shop, counter, views) },
    ],
  };
}

function list({ origin }: WebRequest, shop: X402Shop, views: X402Views): Reply {
  const items = [...shop.plans()].flatMap((plan) => {
    const quoted = shop.quote({ plan: plan.id }, undefined);
    const accepts = quoted.ok ? waysOf(quoted.value).map(({ requirements }) => requirements) : [];
    if (accepts.length === 0) return [];
    const resource = `${origin}/x402/${encodeURIComponent(plan.id)}`;
    return [{ resource, type: 'http', x402Version: 2, accepts, plan: views.plan(plan) }];
  });
  return json(200, { x402Version: 2, items });
}

async function buy(request: WebRequest, shop: X402Shop, counter: Counter, views: X402Views): Promise<Reply> {
  const device = await request.device();
  if (!device) return refused(nobodyKnown);
  const steps = stepsOf(request);
  if (Number.isNaN(steps)) return refused(noSteps);
  const wares = { plan: request.params.plan!, ...present({ steps }) };
  const quoted = shop.quote(wares, undefined);
  const ways = quoted.ok ? waysOf(quoted.value) : [];
  const url = `${request.origin}${request.path}${steps === undefined ? '' : `?steps=${steps}`}`;
  const description = quoted.ok ? quoted.value.plan.title : '';
  const demand = { url, description, accepts: ways.map(({ requirements }) => requirements) };
  const header = request.headers['payment-signature'];
  // Whoever only looks buys nothing.
  if (typeof header !== 'string' || request.method !== 'GET') return asked(quoted, demand);
  const payment = paymentOf(header);
  if (!payment) return refused(unreadable, demand);
  const key = `x402-${createHash('sha256').update(header).digest('hex')}`;
  // A payment that is on its way goes on, even if its server or the plan is gone by now.
  const away = quoted.ok ? waysOf({ payment: quoted.value.away ?? [] }) : [];
  const method = [...ways, ...away].find((way) => isChosen(payment, way.requirements))?.method;
  const known = method ?? counter.depositOf({ key })?.method;
  if (known === undefined) return quoted.ok ? refused(notOffered, demand) : refused(quoted);
  const order = { ...device, ...wares, payment: argumentOf(payment, known), key };
  return sold(await counter.sell(order), payment, { counter, demand, views });
}

const unreadable = refuse(
  'bad_payment',
  'PAYMENT-SIGNATURE must be an x402 PaymentPayload of version 2 in base64',
);
const notOffered = refuse('unknown_method', 'what was accepted is not among the ways to pay: ask anew');
const nobodyKnown = refuse('unknown_device', 'this address is no customer’s device');
const noSteps = refuse('bad_steps', 'steps must be a whole number, from 1 on');
const notReady = refuse('escrow_unready', 'no wallet can pay for this now: ask again');

/** The price, where there is one in something that wallets pay. */
function asked(quoted: Result<unknown>, demand: Demand): Reply {
  if (!quoted.ok && quoted.code !== 'unknown_method') return refused(quoted);
  if (demand.accepts.length > 0) return demandReply(demand);
  return refused(notReady);
}

interface Answering {
  readonly counter: Counter;
  readonly demand: Demand;
  readonly views: X402Views;
}

function sold({ order, result }: Sale, { accepted }: Payment, { counter, demand, views }: Answering): Reply {
  const network = String(accepted.network);
  if (!result.ok) {
    if (result.code === 'payment_pending') return pending(result, demand);
    const settled = { success: false, errorReason: result.code, transaction: '', network };
    return refused(result, demand, settledHeader(settled));
  }
  const deposit = counter.depositOf(order);
  const paid = { transaction: deposit?.opened?.transaction ?? '', network };
  const settled = { success: true, ...present({ payer: deposit?.order.buyer }), ...paid };
  return json(200, { session: views.session(result.value) }, settledHeader(settled));
}

/** What to do so that it comes to an end: nothing is taken twice. */
function pending(refusal: Refusal, { url }: Demand): Reply {
  const repeat = { method: 'GET', url, header: 'PAYMENT-SIGNATURE', with: 'the same payment' };
  return json(202, { ...errorOf(refusal), repeat }, { 'Retry-After': againSeconds });
}

function refused(refusal: Refusal, demand?: Demand, headers: Readonly<Record<string, string>> = {}): Reply {
  const status = statusOf(refusal.code);
  if (status !== 402 || !demand || demand.accepts.length === 0) {
    const later = status === 503 ? { 'Retry-After': againSeconds } : {};
    return json(status === 402 ? 400 : status, errorOf(refusal), { ...headers, ...later });
  }
  const reply = demandReply(demand, refusal);
  return { ...reply, headers: { ...reply.headers, ...headers } };
}

function waysOf({ payment }: { payment: readonly { method: string; requirements?: object }[] }): Way[] {
  return payment.flatMap(({ method, requirements }) =>
    requirements ? [{ method, requirements: requirements as Requirements }] : [],
  );
}

/** Undefined when none are named, NaN for what is no number of steps. */
function stepsOf({ query }: WebRequest): number | undefined {
  const given = query.get('steps');
  if (given === null) return undefined;
  return /^[1-9]\d{0,14}$/.test(given) ? Number(given) : Number.NaN;
}

/**
 * The `payment` argument of the purchase. The schemes of x402 read the header themselves; what a wallet made for an
 * x402r session are the members of that argument, `payload` and `consume`.
 */
function argumentOf({ header, accepted, inner }: Payment, method: string): Order['payment'] {
  return accepted.scheme === 'session' ? { ...inner, method } : { method, payload: header };
}
