import { createHash } from 'node:crypto';
import { isoTime } from '../collector/calendar.js';
import type { SessionMessage } from '../mqtt/message.js';
import type { Event, EventType } from './deliveries.js';

/** What the data of each type of event has: for the OpenAPI document. */
export const eventFields: Readonly<Record<EventType, Readonly<Record<string, object>>>> = (() => {
  const [text, whole] = [{ type: 'string' }, { type: 'integer' }];
  const [orNull, time] = [{ type: ['string', 'null'] }, { type: ['string', 'null'], format: 'date-time' }];
  const money = {
    type: 'array',
    items: { type: 'object', properties: { amount: text, currency: text, method: text, reference: text } },
  };
  const session = {
    ...{ router: text, session: text, mac: text, user: orNull, gateway: text, plan: text, state: text },
    ...{ opened: time, up_bytes: whole, down_bytes: whole, seconds: whole, paid: money },
  };
  return {
    'session.closed': { ...session, closed: time, cause: orNull, refunds: money },
    'router.offline': { router: text, since: time },
    'balance.low': session,
  };
})();

/** The event that a router's message is; undefined where it is none that anybody is told. */
export function eventIn(message: SessionMessage): Event | undefined {
  const { event, router, session, boot, seq, at } = message;
  // A router tells the end of a session again after a journal from a backup, in another boot: it ends once.
  if (event === 'closed') return made('session.closed', router, [session], at, closedIn(message));
  // A session may run low once more after a top-up.
  if (event === 'low') return made('balance.low', router, [session, boot, seq], at, sessionIn(message));
  return undefined;
}

/** A router is away since then: ms since 1970, by the hub's clock. */
export function offline(router: string, since: number): Event {
  return made('router.offline', router, [since], since, { router, since: timeOf(since) });
}

function made(
  type: EventType,
  router: string,
  which: readonly (string | number)[],
  at: number,
  data: object,
): Event {
  const digest = createHash('sha256').update(JSON.stringify([type, router, ...which]));
  const body = JSON.stringify({ type, timestamp: timeOf(at), data });
  return { type, id: `msg_${digest.digest('hex').slice(0, 40)}`, router, body };
}

function sessionIn(message: SessionMessage): object {
  const { router, session, mac, user, gateway, plan, state, opened, lots } = message;
  const { total_up_bytes: up, total_down_bytes: down, total_millis: millis } = message;
  return {
    ...{ router, session, mac, user, gateway, plan, state, opened: timeOf(opened) },
    ...{ up_bytes: up, down_bytes: down, seconds: Math.floor(millis / 1000) },
    paid: lots.flatMap(({ paid: amount, currency, method, reference }) =>
      amount === null ? [] : [{ amount, currency, method, reference }],
    ),
  };
}

function closedIn(message: SessionMessage): object {
  const { closed, cause, refunds } = message;
  const back = refunds.map(({ amount, currency, method, reference }) => ({
    ...{ amount, currency, method, reference },
  }));
  return { ...sessionIn(message), closed: timeOf(closed), cause, refunds: back };
}

function timeOf(ms: number | null): string | null {
  return ms === null ? null : isoTime(ms);
}
