import type { Refund } from '../../domain/lot.js';
import { formatAmount, type Money } from '../../domain/money.js';
import { type Limit, limits } from '../../domain/plan.js';
import { isByToken, refundsDue } from '../../domain/refunds.js';
import { isUsable, policyOf, type Session } from '../../domain/session.js';
import { remainingOf } from '../../domain/usage.js';
import type { Reply } from '../../ports/web.js';
import { html, type Part } from '../html.js';
import { button, form, link, notice, type Page, type Visit } from '../layout.js';
import type { Sentence } from '../text.js';

const names: Readonly<Record<Limit, Sentence>> = {
  bytes: 'data',
  upBytes: 'data_up',
  downBytes: 'data_down',
  millis: 'time',
  validity: 'valid',
};
/** How fresh the page is without a script, in seconds. */
const refreshSeconds = 30;
/** How long who has left is told again what goes back: the answer may be lost, or a button was tapped twice. In ms. */
const leftMs = 15 * 60_000;
/** Steps of a bar. */
const whole = 1000;

/** What a device has, by the limits of its session. */
function standings({ text }: Visit, { granted, usage }: Session) {
  return limits.flatMap((limit) => {
    const all = granted[limit];
    const left = remainingOf(granted, usage, limit);
    if (all === undefined || left === undefined) return [];
    const isTime = limit === 'millis' || limit === 'validity';
    const say = (amount: number) => (isTime ? text.span(amount) : text.bytes(amount));
    const words = text.say('left_of', { left: say(left), all: say(all) });
    return [{ limit, words, share: Math.floor((left / all) * whole) }];
  });
}

function stateOf({ state, low, granted, lots }: Session): string {
  return `${state} ${low} ${JSON.stringify(granted)} ${lots.length}`;
}

const states: Readonly<Partial<Record<Session['state'], Sentence>>> = {
  pending: 'opening',
  active: 'online',
  suspended: 'paused',
};

/** What is left, and what can be done with it. @param returned money that came back */
export function statusPage(visit: Visit, session: Session, returned: Part): Page {
  const { text, to, frame } = visit;
  const { state, low } = session;
  const most = Math.max(policyRate(session), 0);
  const home = frame.config.home ?? to;
  const bars = standings(visit, session).map(
    ({ limit, words, share }) => html`<h2>${text.say(names[limit])}</h2>
<progress id="bar_${limit}" max="${whole}" value="${share}" aria-label="${text.say(names[limit])}"></progress>
<p id="left_${limit}">${words}</p>`,
  );
  const body = [
    html`<p role="status">${text.say(states[state] ?? 'opening')}</p>`,
    returned,
    low && notice(text.say('low')),
    html`<section class="c" data-live="${link(visit, '/status.json')}" data-state="${stateOf(session)}">
${bars.length > 0 ? bars : html`<p>${text.say('no_limit')}</p>`}
<dl><dt>${text.say('speed')}</dt><dd id="speed">${speedOf(visit, session)}</dd>
${most > 0 && html`<dt>${text.say('speed_most')}</dt><dd>${text.rate(most)}</dd>`}</dl></section>`,
    home !== undefined &&
      state === 'active' &&
      html`<p><a class="b" href="${home}">${text.say('go_on')}</a></p>`,
    html`<p><a class="b s" href="${link(visit, '/prices')}">${text.say('top_up')}</a></p>`,
    html`<p><a class="b s" href="${link(visit, '/carry')}">${text.say('carry')}</a></p>`,
    html`<p><a class="b s" href="${link(visit, '/leave')}">${text.say('leave')}</a></p>`,
  ];
  return { title: text.say('status'), body, refresh: state === 'pending' ? 3 : refreshSeconds };
}

function policyRate(session: Session): number {
  if (session.lots.length === 0) return 0;
  const { upRate = 0, downRate = 0 } = policyOf(session);
  return Math.max(upRate, downRate);
}

function speedOf({ shop, text }: Visit, session: Session): string {
  const { up, down } = shop.rates(session);
  return text.rate(((up + down) * 8) / 1000);
}

/** The same in numbers, for the script. */
export function statusNumbers(visit: Visit, session: Session | undefined): Reply {
  const headers = { 'Content-Type': 'application/json' };
  if (!session) return { status: 200, headers, body: '{"state":"none"}' };
  const rows = standings(visit, session);
  const texts = {
    ...Object.fromEntries(rows.map(({ limit, words }) => [`left_${limit}`, words])),
    speed: speedOf(visit, session),
  };
  const bars = Object.fromEntries(rows.map(({ limit, share }) => [`bar_${limit}`, share]));
  return { status: 200, headers, body: JSON.stringify({ state: stateOf(session), texts, bars }) };
}

/** Asks whether they mean it, and says what comes back. */
export function leavePage(visit: Visit, session: Session): Page {
  const { text } = visit;
  const body = [
    html`<p>${text.say('leave_sure')}</p>`,
    goesBack(visit, session),
    form(visit, '/leave', button(text.say('leave'))),
    html`<p><a href="${link(visit, '/status')}">${text.say('back')}</a></p>`,
  ];
  return { title: text.say('leave'), body };
}

/** Whether the customer of a device has just left. `now`: wall clock, ms since 1970. */
export function hasLeft(last: Session | undefined, now: number): last is Session {
  return last?.cause === 'user' && !isUsable(last) && now - (last.closedAt ?? now) <= leftMs;
}

/** What who has just left can ask for at the till: leads to what they must show there. */
export function stillOwed(visit: Visit, last: Session | undefined): Part {
  const { text, shop } = visit;
  if (!hasLeft(last, shop.now())) return undefined;
  const words = last.refunds
    .filter(isOwed)
    .map(({ money }) => text.say('leave_money', { price: text.money(money) }));
  return words.map((one) => html`<p><a class="b s" href="${link(visit, '/leave')}">${one}</a></p>`);
}

/** After the end: what comes back, and how. */
export function leftPage(visit: Visit, session: Session, returned: Part): Page {
  const { text } = visit;
  const again = html`<p><a class="b" href="${link(visit, '/')}">${text.say('prices')}</a></p>`;
  const owed = session.refunds.some(isOwed);
  return {
    title: text.say('ended'),
    body: [returned, (owed || !returned) && goesBack(visit, session), again],
  };
}

function goesBack(visit: Visit, session: Session): Part {
  const { text } = visit;
  const refunds = session.refunds.length > 0 ? session.refunds : refundsDue(session);
  const said = refunds.map((refund) => [
    html`<p>${text.say('leave_money', { price: text.money(refund.money) })}</p>`,
    isOwed(refund) &&
      html`<p>${text.say('leave_till')}</p><p class="k">${receiptOf(session, refund.money)}</p>`,
  ]);
  if (said.length > 0) return said;
  return html`<p>${text.say(keepsRest(visit, session) ? 'leave_voucher' : 'leave_lost')}</p>`;
}

/** The owner hands it out. */
function isOwed(refund: Refund): boolean {
  return refund.deposit === undefined && !isByToken(refund);
}

/** It came from a voucher that is good for more than one session. */
function keepsRest({ shop }: Visit, { lots }: Session): boolean {
  return lots.some(({ funding: { voucher } }) => {
    const [batch] = voucher?.split('-') ?? [];
    if (batch === undefined) return false;
    for (const one of shop.vouchers.list(batch)) return one.batch.reuse;
    return false;
  });
}

/** By which the cashier finds the session. */
function receiptOf({ id }: Session, money: Money): string {
  return `${id} · ${formatAmount(money)} ${money.currency}`;
}
