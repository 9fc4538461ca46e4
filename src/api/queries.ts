import { canExtend, endsAt } from '../domain/outlook.js';
import { isDone, type Session, type State } from '../domain/session.js';
import { type Arguments, BadArgument } from './arguments.js';
import { viewName } from './devices.js';
import { find } from './find.js';
import { listArguments, listed } from './listing.js';
import type { Method } from './method.js';
import { cutToFit, failure } from './reply.js';
import type { Service } from './service.js';
import { viewHeld, withReturned } from './tokens.js';
import {
  type View,
  viewBucket,
  viewPlan,
  viewRemaining,
  viewSession,
  viewTakings,
  viewUsed,
} from './view.js';

const states: readonly State[] = ['pending', 'active', 'suspended', 'closing', 'expired', 'terminated'];
/** Given as `state`: every session that has not ended. */
const live = 'live';

/** Sessions in one reply, unless fewer are asked for. */
const mostSessions = 200;
const hour = 3600;
/** What the figures are kept by, in seconds. */
const quarter = hour / 4;
/** Steps in one series. */
const mostSteps = 1000;

/** Methods that change nothing. */
export const queries: Readonly<Record<string, Method>> = {
  status: { args: {}, run: (_args, service) => service.status() },
  plans: { args: {}, run: (_args, service) => ({ plans: [...service.plans()].map(viewPlan) }) },
  session: {
    args: { id: 'string', mac: 'string', user: 'string' },
    run: (args, service) => viewSession(find(args, service)),
  },
  sessions: {
    args: { state: 'string', gateway: 'string', ...listArguments },
    run(args, service) {
      const inState = stateFilter(args.string('state'));
      const gateway = args.optionalName('gateway');
      const titles = new Map([...service.plans()].map(({ id, title }) => [id, title]));
      const { page, next, matching } = listed<Session>(args, {
        all: service.sessions(),
        id: (session) => session.id,
        wanted: (s) => inState(s) && (gateway === undefined || s.gateway === gateway),
        texts: (s) => textsOf(s, titles, service),
        sorts: sessionSorts(titles, service),
        most: mostSessions,
        unknown: 'unknown_session',
      });
      const views = page.map((s) => namedView(service.session(s.id) ?? s, service));
      const { fitting, next: last } = cutToFit(views, next);
      // Where the page is by number, the next one begins behind what is in this reply.
      const behind = last !== undefined && !args.has('offset') && !args.has('sort') ? { next: last } : {};
      const online = matching.filter(({ state }) => state === 'active').length;
      return { sessions: fitting, count: matching.length, online, ...behind };
    },
  },
  usage: {
    args: { mac: 'string' },
    run: (args, service) => withReturned(usageView(args, service), service, args.mac()),
  },
  upstream_test: {
    args: { name: 'string' },
    async run(args, service) {
      const name = args.name('name');
      const trial = await service.testUpstream(name);
      if (!trial)
        throw new BadArgument('unknown_upstream', `there is no upstream '${name}' that is switched on`);
      return trial.ok ? { detail: trial.value } : failure(trial);
    },
  },
  stats: {
    args: { from: 'integer', to: 'integer', step: 'integer' },
    run: (args, service) => statsView(args, service),
  },
};

/** What people know a session by: the device, the user, the plan, receipts. */
function textsOf(session: Session, titles: ReadonlyMap<string, string>, service: Service) {
  const { id, mac, user, gateway, lots } = session;
  const bought = lots.flatMap(({ plan, funding }) => [
    plan,
    titles.get(plan ?? ''),
    funding.method,
    funding.reference,
  ]);
  return [id, mac, user, gateway, service.deviceName?.(mac), ...bought];
}

const sessionSorts = (titles: ReadonlyMap<string, string>, service: Service) => ({
  created: (s: Session) => s.createdAt,
  closed: (s: Session) => s.closedAt ?? Number.MAX_SAFE_INTEGER,
  client: (s: Session) => (s.user ?? service.deviceName?.(s.mac) ?? s.mac).toLowerCase(),
  mac: (s: Session) => s.mac,
  plan: (s: Session) => titles.get(s.lots.at(-1)?.plan ?? '') ?? s.lots.at(-1)?.plan ?? '',
  state: (s: Session) => s.state,
  data: (s: Session) => s.usage.up + s.usage.down,
  left: (s: Session) => endsAt(s, service.now()) ?? (isDone(s) ? 0 : Number.MAX_SAFE_INTEGER),
});

/** A device has its name in lists of owners: none of a session is told, which others may ask for. */
function namedView(session: Session, service: Service): View {
  const view = viewSession(session);
  if (isDone(session)) return view;
  return { ...view, ...viewName(session.mac, service), rates: ratesOf(session, service) };
}

/** The recent speed, in bits a second. */
function ratesOf(session: Session, service: Service): View {
  const { up, down } = service.rates(session);
  return { up_bps: Math.round(up * 8), down_bps: Math.round(down * 8) };
}

function stateFilter(state: string | undefined): (session: Session) => boolean {
  if (state === undefined) return () => true;
  if (state === live) return (session) => !isDone(session);
  if (states.includes(state as State)) return (session) => session.state === state;
  throw new BadArgument('bad_argument', `state must be one of ${[...states, live].join(', ')}`);
}

/** Of a device without a session too: something may be given back to its customer. */
function usageView(args: Arguments, service: Service): View {
  const session = args.has('mac') ? service.sessionOfMac(args.mac()) : find(args, service);
  if (!session) return failure({ code: 'unknown_session', message: 'there is no such session' });
  const { id, state } = session;
  const ends = endsAt(session, service.now());
  return {
    id,
    state,
    used: viewUsed(session),
    remaining: viewRemaining(session),
    ...(ends !== undefined && { ends: Math.floor(ends / 1000) }),
    can_extend: canExtend(session, service.plans()),
    rates: ratesOf(session, service),
  };
}

const statsView: Method['run'] = (args, service) => {
  const now = Math.floor(service.now() / 1000);
  const to = args.whole('to', 0, 1e11) ?? now - (now % hour) + hour;
  const from = args.whole('from', 0, 1e11) ?? to - 24 * hour;
  const step = args.whole('step', quarter, 1e9) ?? hour;
  if (step % quarter !== 0 || from >= to || (to - from) / step > mostSteps) {
    const rule = `step is whole quarters of an hour in seconds, from is before to, and at most ${mostSteps} steps`;
    throw new BadArgument('bad_argument', rule);
  }
  const start = from - (from % quarter);
  const series: View[] = service.series(start * 1000, to * 1000, step * 1000).map(viewBucket);
  const takings = service.takings(start * 1000, to * 1000).map(viewTakings);
  return { from: start, to, step, series, takings, ...viewHeld(service) };
};
