import { randomBytes } from 'node:crypto';
import type { Allotment, Plan } from '../../domain/plan.js';
import { isDone, type Session } from '../../domain/session.js';
import type { PayForm } from '../../ports/web.js';
import { html, type Part } from '../html.js';
import { button, form, hidden, link, notice, type Page, type Visit } from '../layout.js';
import type { Sentence, Text } from '../text.js';
import { orderForm } from './order.js';
import { stillOwed } from './status.js';
import { tillCode } from './till.js';

/** How long a page tells of an end, in ms. */
const endMs = 24 * 3_600_000;

const endings: Readonly<Record<string, Sentence>> = {
  data: 'ended_data',
  time: 'ended_time',
  conflict: 'ended_moved',
  idle: 'ended_idle',
  'payment-failed': 'ended_payment',
  'payment-reversed': 'ended_payment',
};

/** Everything that is for sale, and the other ways in. @param returned money that came back */
export function pricesPage(visit: Visit, last: Session | undefined, returned?: Part): Page {
  const { text, shop, frame, device } = visit;
  const plans = [...shop.plans()].filter(({ prices, free }) => prices.length > 0 || free);
  const { whereToBuy } = frame.config;
  const body = [
    notice(device ? endOf(last, text, shop.now()) : text.say('no_device'), !device),
    returned,
    stillOwed(visit, last),
    plans.map((plan) => card(visit, plan)),
    plans.length === 0 && html`<p>${text.say('nothing_sold')}</p>`,
    html`<p><a class="b s" href="${link(visit, '/voucher')}">${text.say('voucher_have')}</a></p>`,
    html`<p><a class="b s" href="${link(visit, '/carried')}">${text.say('carry_have')}</a></p>`,
    frame.config.logins().length > 0 &&
      html`<p><a class="b s" href="${link(visit, '/login')}">${text.say('login_have')}</a></p>`,
    whereToBuy !== undefined && html`<p dir="auto">${whereToBuy}</p>`,
  ];
  return { title: text.say('prices'), body };
}

/** What ended, to somebody who comes back soon. */
function endOf(last: Session | undefined, text: Text, now: number): string | undefined {
  if (!last || !isDone(last) || now - (last.closedAt ?? 0) > endMs) return undefined;
  // Their own doing is no news.
  if (last.cause === 'user') return undefined;
  return text.say(endings[last.cause ?? ''] ?? 'ended');
}

function card(visit: Visit, plan: Plan): Part {
  const { text } = visit;
  const price = plan.free ? text.say('free') : stepPrice(visit, plan);
  return html`<section class="c"><h2 dir="auto">${plan.title}</h2>
${price !== undefined && html`<p>${price}</p>`}
<p class="m">${givesOf(plan, plan.caps, text)}</p>
<a class="b" href="${link(visit, `/plan/${encodeURIComponent(plan.id)}`)}">${text.say('choose')}<span hidden> ${plan.title}</span></a></section>`;
}

/** `10 MB for $0.05`, in the first currency that somebody takes. */
function stepPrice({ shop, text }: Visit, plan: Plan): string | undefined {
  const quoted = shop.quote({ plan: plan.id, steps: plan.minSteps }, undefined);
  const price = quoted.ok ? quoted.value.price : undefined;
  if (!price) return undefined;
  const unit = { ...price, amount: price.amount / BigInt(plan.minSteps) };
  return text.say('for_price', { amount: amountOf(plan, 1, text), price: text.money(unit) });
}

function amountOf({ metric, stepSize }: Plan, steps: number, text: Text): string {
  return metric === 'bytes' ? text.bytes(stepSize * steps) : text.span(stepSize * steps);
}

/** Caps and speeds, beside what is bought. */
function givesOf(plan: Plan, caps: Allotment, text: Text): string {
  const { bytes, upBytes, downBytes, millis, validity } = caps;
  const speed = Math.max(plan.downRate ?? 0, plan.upRate ?? 0);
  return [
    bytes !== undefined && `${text.say('data')}: ${text.bytes(bytes)}`,
    upBytes !== undefined && `${text.say('data_up')}: ${text.bytes(upBytes)}`,
    downBytes !== undefined && `${text.say('data_down')}: ${text.bytes(downBytes)}`,
    millis !== undefined && `${text.say('time')}: ${text.span(millis)}`,
    validity !== undefined && `${text.say('valid')}: ${text.span(validity)}`,
    speed > 0 && `${text.say('speed_most')}: ${text.rate(speed)}`,
  ]
    .filter((one) => one !== false)
    .join(' · ');
}

/** One plan: how many steps, what they cost, and every way to pay. @param error what came of the last try */
export function planPage(visit: Visit, plan: Plan, asked: number, error?: string): Page {
  const { text, shop, frame } = visit;
  const steps = Math.min(Math.max(Math.floor(asked) || plan.minSteps, plan.minSteps), plan.maxSteps);
  const quoted = shop.quote({ plan: plan.id, steps }, undefined);
  const body = [
    notice(error, true),
    html`<dl><dt>${text.say('gives')}</dt><dd>${amountOf(plan, steps, text)}</dd>
${quoted.ok && !plan.free && html`<dt>${text.say('total')}</dt><dd>${text.money(quoted.value.price)}</dd>`}</dl>
<p class="m">${givesOf(plan, plan.caps, text)}</p>`,
    plan.maxSteps > plan.minSteps && !plan.free && stepsForm(visit, plan, steps),
    frame.config.terms !== undefined &&
      html`<p>${text.say('agree')} <a href="${link(visit, '/terms')}">${text.say('terms')}</a></p>`,
    plan.free ? freely(visit, plan, steps) : html`<h2>${text.say('pay')}</h2>${ways(visit, plan, steps)}`,
    html`<p><a href="${link(visit, '/')}">${text.say('back')}</a></p>`,
  ];
  return { title: plan.title, body };
}

/** One button; or when the device may have it again. */
function freely(visit: Visit, plan: Plan, steps: number): Part {
  const { device, shop, text } = visit;
  const standing = device && shop.freeStanding(plan, device.mac);
  if (standing?.left !== 0)
    return form(visit, '/buy', [order(plan, steps, 'free'), button(text.say('start'))]);
  const time = text.span(Math.max(1_000, standing.next - shop.now()));
  return notice(text.say('err_free_next', { time }));
}

function stepsForm(visit: Visit, plan: Plan, steps: number): Part {
  const { text, request, to } = visit;
  const lang = request.query.get('lang');
  const path = `/plan/${encodeURIComponent(plan.id)}`;
  return html`<form action="${path}"><label for="steps">${text.say('steps')} (${amountOf(plan, 1, text)})</label>
<input id="steps" name="steps" type="number" inputmode="numeric" min="${plan.minSteps}" max="${plan.maxSteps}" value="${steps}">
${lang !== null && hidden('lang', lang)}${to !== undefined && hidden('to', to)}${button(text.say('update'), true)}</form>`;
}

/** What every order has: it is carried out once, however often it is sent. */
function order(plan: Plan, steps: number, method: string): Part {
  const key = `page-${randomBytes(12).toString('hex')}`;
  const fields = { plan: plan.id, steps: String(steps), method, key };
  return Object.entries(fields).map(([name, value]) => hidden(name, value));
}

function ways(visit: Visit, plan: Plan, steps: number): Part {
  const { text, shop, frame } = visit;
  const quoted = shop.quote({ plan: plan.id, steps }, undefined);
  const offered = quoted.ok ? quoted.value.payment : [];
  const { forms: known, hooks } = frame.config;
  const forms = offered.flatMap(({ method, price }) => {
    if (hooks.includes(method)) return [orderForm(visit, plan, steps, method, price)];
    const own = known[method];
    if (!own) return [];
    const words = text.say('pay_now', { price: text.money(price) });
    const inside = [
      order(plan, steps, method),
      hidden('currency', price.currency),
      fieldsOf(method, own, text),
    ];
    const help = text.find(`pay_${method}_help`);
    return html`<section class="c"><h3>${text.find(`pay_${method}`) ?? method}</h3>
${help !== undefined && html`<p>${help}</p>`}${form(visit, own.action ?? '/buy', [inside, button(words)])}</section>`;
  });
  const till = offered.some(({ method }) => !known[method] && !hooks.includes(method));
  return [
    forms,
    till &&
      html`<section class="c"><h3>${text.say('till')}</h3>${frame.config.whereToBuy !== undefined && html`<p dir="auto">${frame.config.whereToBuy}</p>`}${tillCode(visit)}</section>`,
    html`<p><a class="b s" href="${link(visit, '/voucher')}">${text.say('voucher_have')}</a></p>`,
  ];
}

function fieldsOf(method: string, { fields }: PayForm, text: Text): Part {
  return fields.map(({ name, kind, most = 200 }) => {
    const id = `${method}_${name}`;
    const label = html`<label for="${id}">${text.find(`pay_${method}_${name}`) ?? name}</label>`;
    if (kind === 'lines')
      return html`${label}<textarea id="${id}" name="${name}" rows="4" maxlength="${most}" required></textarea>`;
    const type = kind === 'secret' ? 'password' : 'text';
    return html`${label}<input id="${id}" name="${name}" type="${type}" maxlength="${most}" required>`;
  });
}
