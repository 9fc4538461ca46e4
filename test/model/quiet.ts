// When nothing fails any more, everything is as the documents say within a minute: gates, bytes, money, outboxes.
import * as assert from 'uvu/assert';
import { type Model, macOf, places } from './model.js';
import { amountOf } from './offers.js';
import { devices } from './operations.js';
import { grantedTo, isOver, isUsable, type Session } from './reference.js';
import { limitNames, usedOf } from './terms.js';

/** Gates are tried again after 30 s at the most, and usage is written after `flush_interval`. */
const patienceMs = 70_000;
const settleMs = 5_000;

/** Heals everything, waits, and compares all of it. */
export async function quieten(model: Model): Promise<void> {
  model.heal();
  let wrong: string[] = [];
  for (let waited = 0; waited <= patienceMs; waited += 1_000) {
    await model.router.pass(1_000);
    model.look();
    if (waited >= settleMs) forgive(model);
    wrong = problems(model);
    if (wrong.length === 0 && waited >= settleMs) break;
  }
  assert.equal(wrong, [], 'at rest');
  model.traffic.settled();
  model.router.hasFailed = false;
  model.orders.diskIsWell();
}

/**
 * A crash may have taken what was not written down and is in no counter any more. Counters that come back out of an old
 * file may bring it back.
 */
function forgive({ reference, traffic }: Model): void {
  for (const session of reference.sessions.values()) {
    const missing = missingOf(session);
    const most = traffic.forgivable.get(session.id) ?? 0;
    if (missing <= most && missing >= -session.forgiven) session.forgiven += missing;
  }
}

function missingOf({ carried, hidden, forgiven, used }: Session): number {
  return carried.up + carried.down - hidden - forgiven - used.up - used.down;
}

function problems(model: Model): string[] {
  const { reference } = model;
  const wrong = [...gates(model), ...money(model), ...outboxes(model)];
  for (const session of reference.sessions.values()) {
    const { id, state, used, lots } = session;
    const missing = missingOf(session);
    if (missing !== 0) wrong.push(`${id}: ${missing} bytes were carried and not billed`);
    if (state === 'closing') wrong.push(`${id}: closing for ever`);
    if (!isUsable(session)) continue;
    const granted = grantedTo(session);
    const spent = limitNames.filter(
      (limit) => granted[limit] !== undefined && usedOf(used, limit) >= granted[limit],
    );
    if (spent.length > 0) wrong.push(`${id}: goes on with its ${spent} used up`);
    if (lots.length === 0) wrong.push(`${id}: goes on without anything bought`);
  }
  return wrong;
}

/** "A device without a running session passes nothing", and one with a session that can be used passes. */
function gates(model: Model): string[] {
  const { reference, router } = model;
  const wrong: string[] = [];
  for (let who = 1; who <= devices; who++) {
    const mac = macOf(who);
    const [session] = reference.running((s) => s.mac === mac && isUsable(s));
    const listed = places.filter(
      (place) => model.isConfigured(place) && router.gatehouses[place].sim.knows(mac),
    );
    const open = places.filter(
      (place) => model.isConfigured(place) && router.gatehouses[place].sim.isOpen(mac),
    );
    if (!session) {
      if (open.length > 0) wrong.push(`${mac}: open at ${open} without a session`);
    } else if (listed.length === 0) {
      if (session.state === 'active') wrong.push(`${session.id}: active, and its device is nowhere`);
    } else if (open.length !== 1 || session.state !== 'active' || session.gateway !== open[0]) {
      wrong.push(
        `${session.id} of ${mac}: ${session.state} at ${session.gateway}, listed ${listed}, open ${open}`,
      );
    }
  }
  return wrong;
}

function money({ reference, router }: Model): string[] {
  const due = shown(reference.revenue());
  const all = [...router.service.series(0, Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER)];
  const sum = all[0]!;
  const said = new Map([...sum.revenue].map(([currency, { amount }]) => [currency, amount]));
  const wrong = shown(said) === due ? [] : [`revenue is ${shown(said)}, and should be ${due}`];
  const sessions = [...reference.sessions.values()];
  const opened = sessions.filter((s) => s.opened).length;
  if (sum.sessions !== opened) wrong.push(`${sum.sessions} sessions in the figures, ${opened} opened`);
  const [up, down] = [sumOf(sessions, 'up'), sumOf(sessions, 'down')];
  if (sum.up !== up || sum.down !== down)
    wrong.push(`${sum.up}/${sum.down} bytes in the figures, of ${up}/${down}`);
  return wrong;
}

function sumOf(sessions: readonly Session[], way: 'up' | 'down'): number {
  return sessions.reduce((sum, { used }) => sum + used[way], 0);
}

function shown(sum: ReadonlyMap<string, bigint>): string {
  const amounts = [...sum].filter(([, cents]) => cents !== 0n).sort();
  return amounts.map(([currency, cents]) => `${amountOf(cents)} ${currency}`).join(' ');
}

/** The sums of what a reporter has heard are the books. */
function outboxes(model: Model): string[] {
  const { reference, sinks, router } = model;
  const wrong: string[] = [];
  for (const sink of sinks) {
    sink.read(router.store, true);
    if (shown(sink.revenue()) !== shown(reference.revenue()))
      wrong.push(`${sink.name} heard of ${shown(sink.revenue())}, not ${shown(reference.revenue())}`);
    for (const session of reference.sessions.values()) {
      const story = sink.stories.get(session.id);
      const heard = story && [story.used.up, story.used.down, story.isClosed];
      const is = [session.used.up, session.used.down, isOver(session)];
      if (String(heard) !== String(is))
        wrong.push(`${sink.name} heard of ${session.id}: ${heard}, not ${is}`);
    }
  }
  return wrong;
}
