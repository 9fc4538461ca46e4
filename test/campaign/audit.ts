import type { Table } from 'openwrt-ubus';
import type { SimulatedPortal } from '../../packages/simulators/portal.js';
import type { Mac } from '../../src/domain/mac.js';
import type { Order, Till } from './till.js';
import type { Traffic } from './traffic.js';

/** What the books are compared with. */
export interface Evidence {
  readonly till: Till;
  readonly traffic: Traffic;
  readonly portal: SimulatedPortal;
  readonly macs: readonly Mac[];
  /** Size of a step of each plan by bytes. */
  readonly stepSize: number;
  /** Bytes of each device that crashes may have cost the owner. */
  readonly excused: ReadonlyMap<Mac, number>;
}

const over = ['expired', 'terminated'];
/** The session has ended, and nothing about it changes any more. */
export const isOver = (session: Table) => over.includes(String(session.state));
const lotsOf = (session: Table) => session.lots as Table[];
/** Older lots, added up. */
const isSum = (lot: Table) => lot.reference === '';

/** All that is wrong with the daemon's books, now and for good: none of it may ever be so. */
export function wrongs(sessions: readonly Table[], evidence: Evidence): string[] {
  const found: string[] = [];
  const sold = lotsByOrder(sessions);
  const summed = new Set(sessions.filter((s) => lotsOf(s).some(isSum)).map(({ id }) => String(id)));
  for (const order of evidence.till.orders.values())
    found.push(...wrongsOf(order, sold.get(order.key) ?? [], summed));
  for (const key of sold.keys()) if (!evidence.till.orders.has(key)) found.push(`${key} was never ordered`);
  for (const session of sessions) found.push(...wrongsInside(session, evidence));
  for (const mac of evidence.macs) {
    const over = usageOf(sessions, mac) - evidence.traffic.served(mac);
    if (over > 0) found.push(`${mac} was billed ${over} bytes that it never moved`);
  }
  return found;
}

function lotsByOrder(sessions: readonly Table[]): Map<string, { session: Table; lot: Table }[]> {
  const sold = new Map<string, { session: Table; lot: Table }[]>();
  for (const session of sessions) {
    for (const lot of lotsOf(session).filter((one) => !isSum(one))) {
      const key = String(lot.reference);
      sold.set(key, [...(sold.get(key) ?? []), { session, lot }]);
    }
  }
  return sold;
}

/** `summed`: sessions whose older orders are not listed one by one. */
function wrongsOf(
  order: Order,
  sold: readonly { session: Table; lot: Table }[],
  summed: ReadonlySet<string>,
): string[] {
  if (sold.length > 1) return [`${order.key} was sold ${sold.length} times`];
  const [one] = sold;
  const mayBeSummed = order.session === undefined || summed.has(order.session);
  if (!one) return mayBeSummed ? [] : [`${order.key} is lost`];
  const { session, lot } = one;
  const found: string[] = [];
  if (order.session !== undefined && session.id !== order.session) found.push(`${order.key} moved elsewhere`);
  if (session.mac !== order.mac) found.push(`${order.key} went to ${session.mac}`);
  if (lot.plan !== order.plan || lot.steps !== order.steps) {
    found.push(`${order.key}: ${order.steps} of ${order.plan} became ${lot.steps} of ${lot.plan}`);
  }
  return found;
}

function wrongsInside(session: Table, { till, stepSize }: Evidence): string[] {
  const found: string[] = [];
  const steps = lotsOf(session).reduce((sum, lot) => sum + Number(lot.steps), 0);
  const granted = session.granted as { bytes?: number; seconds?: number };
  const wanted = session.plan === 'bytes' ? steps * stepSize : steps * 60;
  if ((granted.bytes ?? granted.seconds) !== wanted) {
    found.push(`${session.id} was granted ${JSON.stringify(granted)} for ${steps} steps`);
  }
  if (till.ended.has(String(session.id)) && !isOver(session) && session.state !== 'closing') {
    found.push(`${session.id} was ended and is ${session.state} again`);
  }
  if (isOver(session)) found.push(...wrongRefund(session, steps, stepSize));
  return found;
}

/** A step costs 0.01 USD, and one that was begun is not given back. */
function wrongRefund(session: Table, steps: number, stepSize: number): string[] {
  const used = session.plan === 'bytes' ? bytesOf(session) / stepSize : secondsOf(session) / 60;
  const refunded = (session.refunds as Table[]).reduce((sum, r) => sum + cents(r.amount), 0);
  const due = steps - Math.min(steps, Math.ceil(used));
  // Seconds are shown in whole numbers: in the first moment of a step it cannot be seen that it was begun.
  const unclear = session.plan !== 'bytes' && Number.isInteger(used) ? 1 : 0;
  if (refunded <= due && refunded >= due - unclear) return [];
  return [`${session.id}: ${steps} steps, ${used} used, and ${refunded} were refunded`];
}

/** What is not yet as it should be, and will be as soon as the daemon has looked around. */
export function pending(sessions: readonly Table[], evidence: Evidence): string[] {
  const found: string[] = [];
  const { portal, traffic, macs, excused } = evidence;
  const live = new Map(sessions.filter((s) => !isOver(s)).map((s) => [s.mac as Mac, s]));
  for (const mac of portal.openMacs()) if (!live.has(mac)) found.push(`nobody owns the open gate of ${mac}`);
  for (const [mac, { id, state }] of live) {
    if (state === 'active' && !portal.isOpen(mac)) found.push(`${id} is active and its gate is shut`);
    if (state === 'closing' || (state === 'suspended' && portal.knows(mac))) found.push(`${id} is ${state}`);
    if (state === 'pending' && portal.knows(mac)) found.push(`${id} is pending`);
  }
  for (const mac of macs) {
    const missing = traffic.served(mac) - usageOf(sessions, mac) - portal.unread(mac);
    const allowed = excused.get(mac) ?? 0;
    if (missing > allowed) found.push(`${missing} bytes of ${mac} are not billed; ${allowed} may be lost`);
  }
  return found;
}

/** Bytes in all sessions of a device. */
export function usageOf(sessions: readonly Table[], mac: Mac): number {
  return sessions.filter((s) => s.mac === mac).reduce((sum, s) => sum + bytesOf(s), 0);
}

export function bytesOf(session: Table): number {
  return Number(session.up_bytes) + Number(session.down_bytes);
}

export function secondsOf(session: Table): number {
  return Number((session.used as Table).seconds);
}

/** Cents of a decimal amount. */
export function cents(amount: unknown): number {
  return Math.round(Number(amount) * 100);
}
