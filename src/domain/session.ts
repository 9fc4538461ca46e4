import { grantedOf, newestLots, type Purchases } from './folded.js';
import type { Authorization, Lot, Policy, Refund } from './lot.js';
import type { Mac } from './mac.js';
import { hasAuthorized, takenBehind } from './oldest-lots.js';
import { type Allotment, addAllotments } from './plan.js';
import type { Baseline } from './reading.js';
import { refundsDue } from './refunds.js';
import { bill, carry, move } from './traffic.js';
import type { Bytes, Millis } from './units.js';
import { exhausted, type Usage, unused } from './usage.js';

/** Why a session ended. */
export const causes = [
  'time',
  'data',
  'admin',
  'user',
  'pc-logout',
  'conflict',
  'coa',
  'idle',
  'lost',
  'reboot',
  'payment-failed',
  'payment-reversed',
] as const;
export type Cause = (typeof causes)[number];

/**
 * Where a session stands. `closing`: its end is decided and durable, its gate not yet known to be shut.
 * `suspended`: bought and not used up, but the client is away or the portal is down.
 */
export type State = 'pending' | 'active' | 'suspended' | 'closing' | 'expired' | 'terminated';

/** One customer's stay: everything they bought for one device, until it is used up or ended. */
export interface Session extends Purchases {
  /** Unique for ever. */
  readonly id: string;
  readonly mac: Mac;
  readonly gateway: string;
  readonly user?: string;
  readonly state: State;
  /** Set from `closing` on. */
  readonly cause?: Cause;
  readonly granted: Allotment;
  readonly usage: Usage;
  /** One for each address under which the portal has counted this session. */
  readonly baselines: readonly Baseline[];
  /** 80% (or as configured) has been reported. A top-up arms it again. */
  readonly low: boolean;
  /** Wall clock, ms since 1970; for people only: no limit depends on it. */
  readonly createdAt: number;
  readonly openedAt?: number;
  readonly closedAt?: number;
  /** What the end gave back: the newest payments, and the older ones in sums. Empty until then. */
  readonly refunds: readonly Refund[];
  /** Its deposits that the seller has lost. */
  readonly reversed?: readonly string[];
}

/** Everything that can happen to a session. */
export type SessionEvent =
  | { readonly type: 'bought'; readonly lot: Lot; readonly user?: string }
  | { readonly type: 'opened'; readonly at: number }
  /** `baseline`: where the portal's counters stood, if it was the portal that counted. */
  | { readonly type: 'traffic'; readonly up: Bytes; readonly down: Bytes; readonly baseline?: Baseline }
  | { readonly type: 'elapsed'; readonly millis: Millis }
  | { readonly type: 'away' }
  | { readonly type: 'moved'; readonly gateway: string }
  /** Its first device's gate is shut; another device has it from now on. */
  | { readonly type: 'carried'; readonly mac: Mac }
  | { readonly type: 'low' }
  /** The server that authorised the session has changed its limits. */
  | { readonly type: 'reauthorized'; readonly to: Reauthorization }
  /** `deposit`: the one that the seller has lost, where that is why. */
  | { readonly type: 'ended'; readonly cause: Cause; readonly deposit?: string }
  | { readonly type: 'shut'; readonly at: number };

/** The device, portal and user that a session is for. */
export interface Owner {
  readonly id: string;
  readonly mac: Mac;
  readonly gateway: string;
  readonly user?: string;
}

/** What a server may change of a session that it authorised. */
export type Reauthorization = Omit<Authorization, 'user'>;

/** A new session, paid or granted, whose gate has not been opened yet. */
export function newSession(who: Owner, lot: Lot): Session {
  return { ...askedSession(who, lot.at), lots: [lot], granted: lot.allotment };
}

/** A session that a server has been asked for and has not authorised yet: it has no lot. */
export function askedSession(who: Owner, at: number): Session {
  return {
    ...who,
    state: 'pending',
    lots: [],
    granted: {},
    usage: unused,
    baselines: [],
    low: false,
    createdAt: at,
    refunds: [],
  };
}

/** Total and pure: an event that means nothing in a state leaves the session as it was. */
export function step(session: Session, event: SessionEvent): Session {
  switch (event.type) {
    case 'bought':
      return isUsable(session) ? buy(session, event) : session;
    case 'opened':
      return open(session, event.at);
    case 'traffic':
      return isDone(session) ? session : bill(session, event);
    case 'elapsed':
      return isDone(session) ? session : elapse(session, event.millis);
    case 'away':
      return session.state === 'active' ? { ...session, state: 'suspended' } : session;
    case 'moved':
      return isUsable(session) ? move(session, event.gateway) : session;
    case 'carried':
      return isUsable(session) ? carry(session, event.mac) : session;
    case 'low':
      return isUsable(session) ? { ...session, low: true } : session;
    case 'reauthorized':
      return isUsable(session) && isAuthorized(session) ? reauthorize(session, event.to) : session;
    case 'ended':
      return end(session, event);
    case 'shut':
      return session.state === 'closing' ? shut(session, event.at) : session;
  }
}

/** Just bought, and never let in yet: its device is here, while one that left comes back when it likes. */
export function isNew({ state }: Session): boolean {
  return state === 'pending';
}

/** Pending, active or suspended: it can still be used and topped up. */
export function isUsable(session: Session): boolean {
  return session.state === 'pending' || session.state === 'active' || session.state === 'suspended';
}

/** Expired or terminated: nothing changes any more. */
export function isDone(session: Session): boolean {
  return session.state === 'expired' || session.state === 'terminated';
}

/** A server has been asked whether this session may be, and has not answered. */
export function isAsked({ lots, folded }: Session): boolean {
  return lots.length === 0 && folded === undefined;
}

/** A server authorised this session, and hears of its use. */
export function isAuthorized(session: Session): boolean {
  return hasAuthorized(session.lots, newestLots);
}

/** The rules of what was bought last. */
export function policyOf(session: Session): Policy {
  return session.lots[session.lots.length - 1]?.policy ?? nothingBought;
}

const nothingBought: Policy = { devices: 1, pauseAway: false };

/** The time allotment is running: the gate is open, or the client is away and its plan does not pause. */
export function timeRuns(session: Session): boolean {
  return session.state === 'active' || (session.state === 'suspended' && !policyOf(session).pauseAway);
}

/** The cap that this session has reached while it could still be used. */
export function dueCause(session: Session): 'data' | 'time' | undefined {
  return isUsable(session) ? exhausted(session.granted, session.usage) : undefined;
}

function buy(session: Session, event: { lot: Lot; user?: string }): Session {
  const after = takenBehind(session);
  const user = event.user ?? session.user;
  const named = session.user === undefined && user !== undefined && ({ named: true } as const);
  const lots = [...session.lots, { ...event.lot, ...named, ...(after && { after }) }];
  const granted = addAllotments(session.granted, event.lot.allotment);
  return { ...session, lots, granted, low: false, ...(user !== undefined && { user }) };
}

function reauthorize(session: Session, { allotment, policy, accounting }: Reauthorization): Session {
  const lots = session.lots.map((lot) => ({
    ...lot,
    policy,
    ...(lot.accounting && { allotment, accounting }),
  }));
  return { ...session, lots, granted: grantedOf({ ...session, lots }), low: false };
}

function end(session: Session, { cause, deposit }: SessionEvent & { type: 'ended' }): Session {
  const before = session.reversed ?? [];
  const isNews = deposit !== undefined && !before.includes(deposit) && !isDone(session);
  const lost = isNews ? { reversed: [...before, deposit] } : {};
  if (isUsable(session)) return { ...session, state: 'closing', cause, ...lost };
  // A second deposit may be lost before the gate is shut.
  return isNews ? { ...session, ...lost } : session;
}

function open(session: Session, at: number): Session {
  // The session ended while its gate was being opened: traffic until the gate is shut still belongs to it.
  if (session.state === 'closing')
    return session.openedAt === undefined ? { ...session, openedAt: at } : session;
  if (!isUsable(session) || session.state === 'active') return session;
  return {
    ...session,
    state: 'active',
    openedAt: session.openedAt ?? at,
    usage: { ...session.usage, away: 0 as Millis },
  };
}

function elapse(session: Session, span: Millis): Session {
  const { usage } = session;
  if (session.openedAt === undefined) {
    // The device has not come yet: only its time away counts.
    if (session.state !== 'pending' || isAsked(session)) return session;
    return { ...session, usage: { ...usage, away: (usage.away + span) as Millis } };
  }
  const add = (to: Millis, runs: boolean) => (runs ? to + span : to) as Millis;
  const inUse = isUsable(session);
  return {
    ...session,
    usage: {
      ...usage,
      millis: add(usage.millis, timeRuns(session)),
      age: add(usage.age, inUse),
      away: add(usage.away, session.state === 'suspended'),
    },
  };
}

function shut(session: Session, at: number): Session {
  const expired = session.cause === 'time' || session.cause === 'data';
  return {
    ...session,
    state: expired ? 'expired' : 'terminated',
    closedAt: at,
    refunds: refundsDue(session),
  };
}
