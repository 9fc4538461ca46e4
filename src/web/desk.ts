import { randomBytes } from 'node:crypto';
import type { Plan } from '../domain/plan.js';
import type { Session } from '../domain/session.js';
import type { Result } from '../ports/result.js';
import type { Device, Reply } from '../ports/web.js';
import { link, type Page, type Visit } from './layout.js';
import { carriedPage, carryPage } from './pages/carry.js';
import { planPage, pricesPage } from './pages/prices.js';
import { returnedTo } from './pages/returned.js';
import { leftPage } from './pages/status.js';
import { loginPage, voucherPage } from './pages/ways-in.js';
import { refusalText } from './refusals.js';

/** Longest text of a field that is passed on, in characters. */
const mostField = 6_000;
const fieldsOfOrders = new Set(['plan', 'steps', 'method', 'key', 'currency', 'lang', 'to']);
/** As the pages make keys: a customer's never is one that the owner, or a server of theirs, is going to use. */
const keyForm = /^page-[0-9a-f]{24}$/;

type Known = Visit & { readonly device: Device };

/** What a customer does: the page that comes of it. Each is called for a device that is known. */
export async function buy(visit: Known): Promise<Reply> {
  const chosen = chosenOf(visit);
  if ('status' in chosen) return chosen;
  const { plan, steps } = chosen;
  const { form, shop, device, text } = visit;
  const currency = form.get('currency');
  const fields = [...form].filter(([name, value]) => !fieldsOfOrders.has(name) && value.length <= mostField);
  const payment = { ...Object.fromEntries(fields), method: form.get('method') ?? '' };
  const given = form.get('key') ?? '';
  const key = keyForm.test(given) ? given : newKey();
  const isForCustomers = plan.free || Object.hasOwn(visit.frame.config.forms, payment.method);
  // Cash is the owner's word that it was paid: nobody gives it to themselves.
  if (!isForCustomers) return page(visit, planPage(visit, plan, steps, text.say('err_payment')));
  const sold = await shop.purchase({
    ...{ ...device, plan: plan.id, steps, payment, key },
    ...(currency !== null && { currency }),
  });
  return after(visit, sold, (error) => planPage(visit, plan, steps, error));
}

/** Makes an order that is paid elsewhere; the same one again while it is open. */
export async function order(visit: Known): Promise<Reply> {
  const chosen = chosenOf(visit);
  if ('status' in chosen) return chosen;
  const { plan, steps } = chosen;
  const { form, shop, device, frame, text } = visit;
  const hook = form.get('hook') ?? '';
  const again = (error: string) => page(visit, planPage(visit, plan, steps, error));
  if (!frame.config.hooks.includes(hook)) return again(text.say('err_payment'));
  const made = await shop.orders.create({ ...device, hook, plan: plan.id, steps });
  if (!made.ok) return again(refusalText(made, text, shop.now()));
  return { status: 303, headers: { Location: link(visit, `/order/${made.value.id}`) } };
}

/** The plan and the steps of a form; the page that asks again where they are none. */
function chosenOf(visit: Known): { readonly plan: Plan; readonly steps: number } | Reply {
  const { form, shop, text } = visit;
  const plan = [...shop.plans()].find(({ id }) => id === form.get('plan'));
  if (!plan) return page(visit, { ...pricesPage(visit, undefined), title: text.say('err_plan') });
  const steps = Number(form.get('steps') ?? plan.minSteps);
  if (Number.isSafeInteger(steps) && steps >= 1) return { plan, steps };
  return page(visit, planPage(visit, plan, plan.minSteps));
}

export async function redeem(visit: Known): Promise<Reply> {
  const typed = visit.form.get('code') ?? '';
  const redeemed = await visit.shop.vouchers.redeem(typed.slice(0, 64), visit.device);
  return after(visit, redeemed, (error) => voucherPage(visit, error, typed.slice(0, 64)));
}

export async function login(visit: Known): Promise<Reply> {
  const { form, shop, device, frame } = visit;
  const [user, password] = [form.get('user') ?? '', form.get('password') ?? ''];
  const [method] = frame.config.logins();
  const order = { mac: device.mac, ...(device.gateway !== undefined && { gateway: device.gateway }) };
  if (method === undefined) return page(visit, loginPage(visit, visit.text.say('err_plan')));
  const entered = await shop.purchase({ ...order, payment: { method, user, password }, key: newKey() });
  return after(visit, entered, (error) => loginPage(visit, error, user.slice(0, 128)));
}

export async function leave(visit: Known, session: Session): Promise<Reply> {
  const ended = await visit.shop.close(session.id, 'user');
  return page(visit, leftPage(visit, ended ?? session, await returnedTo(visit)));
}

/** Takes what is left from the device on which the code was made. */
export async function takeOver(visit: Known): Promise<Reply> {
  const typed = (visit.form.get('code') ?? '').slice(0, 64);
  const carried = await visit.shop.carry(typed, visit.device.mac);
  return after(visit, carried, (error) => carriedPage(visit, error, typed));
}

/** Makes a code by which another device takes what is left. */
export async function carry(visit: Known, session: Session): Promise<Reply> {
  const made = await visit.shop.carryCode(session.id);
  if (!made.ok)
    return page(visit, carryPage(visit, undefined, refusalText(made, visit.text, visit.shop.now())));
  const { code, until } = made.value;
  return page(visit, carryPage(visit, { code, left: until - visit.shop.now() }));
}

function after(visit: Visit, result: Result<unknown>, again: (error: string) => Page): Reply {
  if (!result.ok) return page(visit, again(refusalText(result, visit.text, visit.shop.now())));
  return { status: 303, headers: { Location: link(visit, '/status') } };
}

function page(visit: Visit, shown: Page): Reply {
  return visit.frame.show(visit, shown);
}

function newKey(): string {
  return `page-${randomBytes(12).toString('hex')}`;
}
