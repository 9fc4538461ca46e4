// What the books say of a session, held against the reference: each change from one look to the next must be one that the
// documents allow, to the byte, the millisecond and the cent.
import * as assert from 'uvu/assert';
import {
  grantedTo,
  isAuthorized,
  isOver,
  isUsable,
  type Reference,
  rulesOf,
  type Session,
  type State,
} from './reference.js';
import { type Limits, limitNames, type Money, reached, refundsOf, type Used, usedOf } from './terms.js';

/** A session as the router tells of it. */
export interface Seen {
  readonly id: string;
  readonly mac: string;
  readonly gateway: string;
  readonly user: string | undefined;
  readonly state: State;
  readonly cause: string | undefined;
  readonly granted: Limits;
  readonly used: Used;
  readonly opened: boolean;
  readonly refunds: readonly Money[];
  /** Reference of the newest lot, and how many lots there are. */
  readonly newest: string;
  readonly lots: number;
}

/** What happened since the last look. */
export interface Span {
  /** Monotonic time, in ms. */
  readonly now: number;
  /** Time that a daemon was there for. */
  readonly ms: number;
  /** Nothing was wrong and nobody came or went in this time, nor shortly before. */
  readonly calm: boolean;
  /** The daemon died, and was started again. */
  readonly death:
    | {
        /** Time without a daemon, in ms. */
        readonly off: number;
        /** The power failed. */
        readonly power: boolean;
        /** The disk failed by then: what had not been written is undone. */
        readonly undone: boolean;
        /** What the disk had of each session's use. */
        readonly durable: ReadonlyMap<string, Used>;
      }
    | undefined;
}

/** Compares one session, and takes over what is right. */
export function observe(reference: Reference, seen: Seen, span: Span): void {
  const session = reference.sessions.get(seen.id);
  assert.ok(session, `${seen.id}: nobody bought it`);
  const what = (text: string) => `session ${seen.id} of ${seen.mac}: ${text}`;
  assert.is(seen.mac, session.mac, what('device'));
  assert.is(seen.user, session.user, what('user'));
  assert.equal(seen.granted, grantedTo(session), what('granted in all is what was bought in all'));
  checkState(reference, session, seen, span, what);
  checkTime(reference, session, seen, span, what);
  checkBytes(session, seen, span, what);
  const ends = isOver(seen) && !isOver(session);
  const { state, cause, used, gateway, opened } = seen;
  if (state === 'active') session.awaySince = undefined;
  else if (session.state === 'active') session.awaySince = span.now - span.ms;
  if (opened && !session.opened) session.lastByte = Math.max(session.lastByte, span.now - span.ms);
  Object.assign(session, { state, cause, used, gateway, opened });
  if (!isOver(seen)) return;
  const due = refundsOf(session.lots, used, cause);
  assert.equal(seen.refunds, due, what('what is given back'));
  if (ends) reference.ended(session);
}

type What = (text: string) => string;

function checkState(reference: Reference, session: Session, seen: Seen, span: Span, what: What): void {
  const from = session.state;
  const isUndone = span.death?.undone === true;
  if (isOver(session) && !isUndone) {
    assert.is(seen.state, from, what('what is over stays over'));
    assert.is(seen.cause, session.cause, what('cause'));
    return;
  }
  if (from === 'closing' && !isUndone) {
    assert.not(isUsable(seen), what(`was closing, and is ${seen.state}`));
    assert.is(seen.cause, session.cause, what('cause'));
    return;
  }
  if (seen.state === 'pending') assert.not(session.opened && !isUndone, what('was open, and is pending'));
  if (isUsable(seen)) assert.is(seen.cause, undefined, what('cause of no end'));
  else if (isUsable(session)) checkCause(reference, session, seen, span, what);
  if (seen.state === 'expired' || seen.state === 'terminated') {
    const expired = seen.cause === 'time' || seen.cause === 'data';
    assert.is(seen.state, expired ? 'expired' : 'terminated', what(`ended by ${seen.cause}`));
  }
}

function checkCause({ offer }: Reference, session: Session, seen: Seen, span: Span, what: What): void {
  const { cause, used } = seen;
  if (session.ordered.has(cause!)) return;
  const limits = reached(session.lots, used);
  const { idle } = rulesOf(session);
  const away = session.awaySince === undefined ? 0 : span.now - session.awaySince;
  const is = {
    data: limits.some((limit) => limit === 'bytes' || limit === 'up' || limit === 'down'),
    time: limits.some((limit) => limit === 'millis' || limit === 'valid'),
    idle: idle !== undefined && span.now - session.lastByte >= idle,
    lost: offer.lostAfter > 0 && Math.max(away, span.ms) >= offer.lostAfter,
    reboot: span.death?.power === true && isAuthorized(session),
  }[cause!];
  assert.ok(is, what(`ended by ${cause} with ${JSON.stringify(used)} of ${JSON.stringify(seen.granted)}`));
  if (cause !== 'time' || span.death) return;
  const exact = limitNames.some(
    (l) => seen.granted[l] === usedOf(used, l) && (l === 'millis' || l === 'valid'),
  );
  assert.ok(exact || offer.billDowntime, what('ends to the millisecond'));
}

/** "Time runs while the gate is open, and while the client is away unless the plan has `pause_away`." */
function checkTime(reference: Reference, session: Session, seen: Seen, span: Span, what: What): void {
  const { used } = session;
  if (isOver(session) && !span.death?.undone) {
    assert.is(seen.used.millis, used.millis, what('time after its end'));
    return;
  }
  if (span.death) {
    const { off, durable } = span.death;
    const most = span.ms + (reference.offer.billDowntime ? off : 0);
    const floor = durable.get(seen.id) ?? { millis: 0, age: 0 };
    isWithin(seen.used.millis, floor.millis, used.millis + most, what('time after a start'));
    isWithin(seen.used.age, floor.age, used.age + most, what('age after a start'));
    return;
  }
  const { pauses } = rulesOf(session);
  const runs = (state: State) => state === 'active' || (state === 'suspended' && !pauses);
  const before = session.state;
  const isSame = before === seen.state || (runs(before) && runs(seen.state));
  const isSure = isSame && session.opened && (!pauses || (span.calm && before === seen.state));
  const grown = seen.used.millis - used.millis;
  if (isSure) assert.is(grown, runs(seen.state) ? span.ms : 0, what(`time in ${span.ms} ms ${before}`));
  else isWithin(grown, 0, span.ms, what(`time from ${before} to ${seen.state}`));
  const older = seen.used.age - used.age;
  if (session.opened && isSame && before !== 'closing') assert.is(older, span.ms, what('age'));
  else isWithin(older, 0, span.ms, what('age'));
}

/** Nobody is billed a byte that they have not moved, and none is taken back. */
function checkBytes(session: Session, seen: Seen, span: Span, what: What): void {
  const floor = span.death ? (span.death.durable.get(seen.id) ?? { up: 0, down: 0 }) : session.used;
  for (const way of ['up', 'down'] as const)
    isWithin(seen.used[way], floor[way], session.carried[way], what(`bytes ${way}`));
}

function isWithin(n: number, least: number, most: number, what: string): void {
  assert.ok(n >= least && n <= most, `${what}: ${n} is not within ${least} and ${most}`);
}
