import { type Money, moneyOf } from '../../domain/money.js';
import type { PayOrder } from '../../domain/pay-order.js';
import type { Plan } from '../../domain/plan.js';
import type { Session } from '../../domain/session.js';
import type { Reply } from '../../ports/web.js';
import { html, type Part } from '../html.js';
import { button, form, hidden, link, notice, type Page, type Visit } from '../layout.js';

/** How fresh the page is without a script, in seconds. */
const refreshSeconds = 5;
/** The way to pay whose orders have an invoice. */
const lightning = 'lightning';

/** On a plan's page: makes an order that is paid elsewhere. @param hook whose provider says that it is paid */
export function orderForm(visit: Visit, plan: Plan, steps: number, hook: string, price: Money): Part {
  const { text } = visit;
  const order = Object.entries({ plan: plan.id, steps: String(steps), hook });
  const fields = order.map(([name, value]) => hidden(name, value));
  if (hook === lightning) {
    const pay = button(text.say('pay_now', { price: text.money(price) }));
    return html`<section class="c"><h3>${text.say('pay_lightning')}</h3>
<p>${text.say('pay_lightning_help')}</p>${form(visit, '/order', [fields, pay])}</section>`;
  }
  const go = button(text.say('pay_app_go', { price: text.money(price) }));
  return html`<section class="c"><h3>${text.say('pay_app')}: <bdi>${hook}</bdi></h3>
<p>${text.say('pay_app_help')}</p>${form(visit, '/order', [fields, go])}</section>`;
}

/** The order of an address, for the device that made it: what belongs to another device is as unknown as any other. */
function orderOf({ request, shop, device }: Visit): PayOrder | undefined {
  const order = shop.orders.get(request.params.id ?? '');
  return device && order?.mac === device.mac ? order : undefined;
}

/** An order until it is paid, and the voucher that it became; who has access for it is led there. */
export async function orderPage(visit: Visit, last: Session | undefined): Promise<Page | Reply> {
  const { text } = visit;
  const order = orderOf(visit);
  if (order?.state === 'sold') return { status: 303, headers: { Location: link(visit, '/status') } };
  const back = html`<p><a href="${link(visit, '/')}">${text.say('back')}</a></p>`;
  const title = text.say('order');
  if (!order) return missing(visit, title, back);
  if (order.state === 'voucher') return { title, body: [voucherOf(visit, order), back] };
  const body = html`<div data-live="${link(visit, `/order/${order.id}/status.json`)}" data-state="${stateOf(visit, order)}">
${order.state === 'paid' ? notice(text.say('order_paid')) : await payable(visit, order, last)}</div>`;
  return { title, body: [body, back], refresh: refreshSeconds };
}

/** Orders that cannot be read now may be there at the next look. */
function missing({ text, shop }: Visit, title: string, back: Part): Page {
  if (!shop.orders.unread) return { title, body: [notice(text.say('order_none'), true), back] };
  return { title, body: [notice(text.say('order_unread'), true), back], refresh: refreshSeconds };
}

/** The same for the script. */
export function orderNumbers(visit: Visit): Reply {
  const { shop } = visit;
  const headers = { 'Content-Type': 'application/json' };
  const order = orderOf(visit);
  if (!order)
    return { status: 200, headers, body: JSON.stringify({ state: shop.orders.unread ? 'unread' : 'none' }) };
  const texts = { until: untilOf(visit, order) };
  return { status: 200, headers, body: JSON.stringify({ state: stateOf(visit, order), texts }) };
}

/** What the page looks different for. */
function stateOf({ shop }: Visit, { state, until }: PayOrder): string {
  return state === 'open' && until <= shop.now() ? 'over' : state;
}

function untilOf({ text, shop }: Visit, { until }: PayOrder): string {
  return text.say('order_until', { time: text.span(Math.max(0, until - shop.now())) });
}

async function payable(visit: Visit, order: PayOrder, last: Session | undefined): Promise<Part> {
  const { text, shop, frame } = visit;
  if (stateOf(visit, order) === 'over') return notice(text.say('order_over'));
  const { whereToBuy } = frame.config;
  const plan = [...shop.plans()].find(({ id }) => id === order.plan);
  const hasWindow = order.hasWindow && last !== undefined && last.closedAt === undefined;
  return [
    html`<dl><dt>${text.say('gives')}</dt><dd dir="auto">${plan?.title ?? order.plan}${order.steps > 1 && ` × ${order.steps}`}</dd>
<dt>${text.say('total')}</dt><dd>${text.money(moneyOf(order.price))}</dd></dl>`,
    order.request === undefined
      ? html`<p>${text.say('order_ref')}</p><p class="k" dir="ltr">${order.number ?? order.id}</p>`
      : await invoiceOf(visit, order.request),
    html`<p id="until">${untilOf(visit, order)}</p>`,
    order.request === undefined && whereToBuy !== undefined && html`<p dir="auto">${whereToBuy}</p>`,
    hasWindow && notice(text.say('order_window')),
    html`<p class="m">${text.say('order_wait')}</p>`,
  ];
}

/** A Lightning invoice: for another device to scan, for a wallet on this one to open, and to copy. */
async function invoiceOf({ text }: Visit, invoice: string): Promise<Part> {
  const { qrOf } = await import('../qr.js');
  const label = text.say('order_invoice');
  // In capital letters a code is smaller, and invoices are the same in both (BOLT 11).
  return [
    html`<p><label for="invoice">${label}</label></p>${qrOf(`LIGHTNING:${invoice.toUpperCase()}`, label)}`,
    html`<p><a class="b" href="lightning:${invoice}">${text.say('order_wallet')}</a></p>`,
    html`<textarea id="invoice" rows="4" readonly dir="ltr">${invoice}</textarea>`,
  ];
}

function voucherOf(visit: Visit, { code = '' }: PayOrder): Part {
  const { text } = visit;
  return [
    notice(text.say('order_voucher')),
    html`<p class="k" dir="ltr">${code}</p>`,
    form(visit, '/voucher', [hidden('code', code), button(text.say('redeem'))]),
  ];
}
