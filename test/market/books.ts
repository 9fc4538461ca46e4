import type { Table } from 'openwrt-ubus';
import { bytesOf, cents, isOver } from '../campaign/audit.js';
import type { Ledger, Order } from './ledger.js';
import { stepSize } from './stalls.js';

const lotsOf = (session: Table) => session.lots as Table[];
const countOf = (lots: readonly Table[], method: string) =>
  lots.filter((lot) => lot.method === method).reduce((sum, { count }) => sum + Number(count), 0);
const paidFor = (lots: readonly Table[], method?: string) =>
  lots
    .filter((lot) => lot.paid && (method === undefined || lot.method === method))
    .reduce((sum, lot) => sum + cents((lot.paid as Table).amount), 0);
const refunded = (session: Table) =>
  (session.refunds as Table[]).reduce((sum, { amount }) => sum + cents(amount), 0);
const usedBytes = (session: Table) => Number((session.used as Table).bytes ?? 0);
const grantedBytes = (session: Table) => Number((session.granted as Table).bytes ?? 0);
/** Older lots stand in sums, which say nothing of one lot. */
const isWhole = (session: Table) => lotsOf(session).length === session.lots_count;

/** All that is wrong with these sessions, once every order is answered. */
export function wrongsIn(sessions: readonly Table[], ledger: Ledger): string[] {
  const sold = new Map<string, Order[]>();
  for (const order of ledger.sold)
    sold.set(order.answer![0]!, [...(sold.get(order.answer![0]!) ?? []), order]);
  const refused = new Set(ledger.orders.filter(({ code }) => code !== undefined).map(({ key }) => key));
  const found = sessions.flatMap((session) => {
    const orders = sold.get(String(session.id)) ?? [];
    sold.delete(String(session.id));
    const wrongs = lotsOf(session)
      .filter(({ reference }) => refused.has(String(reference)))
      .map(({ reference }) => `${reference} was refused and is in ${session.id}`);
    const expect = (what: string, is: number, wanted: number) => {
      if (is !== wanted) wrongs.push(`${session.id}: ${what}: ${is} and not ${wanted}`);
    };
    const bought = orders.filter(({ method }) => method === 'purchase');
    const price = bought.reduce((sum, order) => sum + order.cents, 0);
    const lots = lotsOf(session);
    expect('purchases', countOf(lots, 'cash'), bought.length);
    expect('cents paid', paidFor(lots, 'cash'), price);
    expect('grants', countOf(lots, 'grant'), orders.length - bought.length);
    expect('lots', Number(session.lots_count), orders.length + countOf(lots, 'voucher'));
    const steps = orders.reduce((sum, { args }) => sum + Number(args.steps), 0);
    const { bytes, seconds } = session.granted as { bytes?: number; seconds?: number };
    if (countOf(lots, 'voucher') === 0)
      expect('granted', bytes ?? seconds ?? 0, steps * (bytes === undefined ? 60 : stepSize));
    if (isOver(session) && bytes !== undefined && isWhole(session) && voucherCount(session) === 0)
      expect('refund', refunded(session), refundDue(session));
    return wrongs;
  });
  for (const orders of sold.values())
    found.push(`${orders.map(({ key }) => key)} were sold, and ${orders[0]!.answer} is in no list`);
  return found;
}

/** What is owed to the customer: steps that were not begun, the oldest lot first. Grants are used up like all else. */
function refundDue(session: Table): number {
  let left = usedBytes(session);
  let due = 0;
  for (const lot of lotsOf(session)) {
    const used = Math.min(left, Number(lot.steps) * stepSize);
    left -= used;
    if (lot.paid) due += Number(lot.steps) - Math.ceil(used / stepSize);
  }
  return due;
}

const voucherCount = (session: Table) => countOf(lotsOf(session), 'voucher');

/** What the figures of the shop are beside its sessions and vouchers, when all sessions are over. */
export function wrongSums(
  sessions: readonly Table[],
  vouchers: readonly Table[],
  stats: { readonly revenue: number; readonly bytes: number },
): string[] {
  const lots = sessions.flatMap(lotsOf);
  const kept = paidFor(lots) - sessions.reduce((sum, session) => sum + refunded(session), 0);
  const sums = [
    { what: 'cents of revenue', is: stats.revenue, wanted: kept },
    {
      what: 'bytes in the figures',
      is: stats.bytes,
      wanted: sessions.reduce((sum, session) => sum + bytesOf(session), 0),
    },
    ...vouchers.flatMap((voucher) => worthOf(voucher, sessions)),
  ];
  return sums.filter(({ is, wanted }) => is !== wanted).map((s) => `${s.what}: ${s.is} and not ${s.wanted}`);
}

/** What is left on a voucher, where each session that had it tells what it took. */
function worthOf(voucher: Table, sessions: readonly Table[]) {
  const had = sessions.filter((session) => lotsOf(session).some(({ reference }) => reference === voucher.id));
  // Older lots stand in sums, so that a session may have had it and not tell.
  const isTold = had.length === voucher.redeemed && had.every((session) => voucherCount(session) === 1);
  // What a session has left of a voucher that was made void goes nowhere.
  if (!isTold || !had.every(isWhole) || had.length === 0 || voucher.state === 'void') return [];
  const whole = Number(lotsOf(had[0]!).find(({ reference }) => reference === voucher.id)!.steps) * stepSize;
  const taken = had.reduce((sum, session) => sum + takenFrom(voucher, session), 0);
  const left = Number((voucher.remaining as Table).bytes);
  const ids = had.map(({ id }) => id);
  return [{ what: `bytes of voucher ${voucher.id} of ${ids}`, is: left, wanted: whole - taken }];
}

/** What a session took of its only voucher: its lots are used up in the order in which they were bought. */
function takenFrom({ id }: Table, session: Table): number {
  const lots = lotsOf(session);
  const size = (lot: Table) => Number(lot.steps) * stepSize;
  const others = lots.filter(({ reference }) => reference !== id).reduce((sum, lot) => sum + size(lot), 0);
  const at = lots.findIndex(({ reference }) => reference === id);
  const before = lots.slice(0, at).reduce((sum, lot) => sum + size(lot), 0);
  return Math.min(Math.max(usedBytes(session) - before, 0), grantedBytes(session) - others);
}
