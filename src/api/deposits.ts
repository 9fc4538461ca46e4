import { type Deposit, type DepositState, isOver, servable } from '../domain/deposit.js';
import { moneyOfDeposit } from '../domain/deposit-money.js';
import { type Money, moneyOf } from '../domain/money.js';
import { BadArgument } from './arguments.js';
import { find } from './find.js';
import { listArguments, listed } from './listing.js';
import type { Method } from './method.js';
import { cutToFit, reply } from './reply.js';
import { type View, viewMoney, viewSession } from './view.js';

const states: readonly DepositState[] = [
  'opening',
  'open-unknown',
  'active',
  'reorged',
  'draining',
  'closing',
  'close-unknown',
  'closed',
  'rejected',
  'disputed',
];
/** Given as `state`: every deposit for which something is left to be done. */
const open = 'open';

const mostListed = 200;

/** What is added up over a list. */
const summed = ['held', 'earned', 'returned'] as const;
type Summed = (typeof summed)[number];

/** Methods around what customers have paid in. */
export const deposits: Readonly<Record<string, Method>> = {
  deposit_sign: {
    args: { id: 'string', mac: 'string', payment: 'table', idempotency_key: 'string' },
    async run(args, service) {
      const { id } = find(args, service);
      return reply(await service.sign(id, args.table('payment'), args.key()), viewSession);
    },
  },
  deposits: {
    args: { session: 'string', state: 'string', newest: 'boolean', ...listArguments },
    run(args, service) {
      const session = args.optionalName('session');
      const inState = stateFilter(args.string('state'));
      const all = args.flag('newest', false) ? [...service.deposits()].reverse() : service.deposits();
      const { page, next, matching } = listed<Deposit>(args, {
        all,
        id: (deposit) => deposit.id,
        wanted: (e) => inState(e) && (session === undefined || e.session === session),
        texts: ({ id, sale, order, session: of, opened, closed, state, note }) => [
          ...[id, sale.mac, sale.user, sale.lot.plan, order.buyer, of],
          ...[opened?.transaction, closed?.transaction, state, note],
        ],
        sorts,
        most: mostListed,
        unknown: 'unknown_deposit',
      });
      const { fitting, next: last } = cutToFit(page.map(viewDeposit), next);
      const behind = last !== undefined && !args.has('offset') && !args.has('sort') ? { next: last } : {};
      return { deposits: fitting, count: matching.length, ...summary(matching), ...behind };
    },
  },
};

const sorts: Record<string, (deposit: Deposit) => number | string> = {
  created: ({ at }) => at,
  client: ({ sale }) => (sale.user ?? sale.mac).toLowerCase(),
  plan: ({ sale }) => sale.lot.plan ?? '',
  state: ({ state }) => state,
  paid_in: (deposit) => Number(viewAmounts(deposit).paid_in.amount),
  charged: (deposit) => Number(viewAmounts(deposit).charged.amount),
  earned: (deposit) => Number(viewAmounts(deposit).earned.amount),
  returned: (deposit) => Number(viewAmounts(deposit).returned.amount),
};

/** How many there are in each state, and what has become of their money, currency by currency. */
function summary(deposits: readonly Deposit[]): View {
  const counts = Object.fromEntries(states.map((state) => [state, 0])) as Record<DepositState, number>;
  const sums = new Map<string, { currency: Omit<Money, 'amount'>; sums: Record<Summed, bigint> }>();
  for (const deposit of deposits) {
    counts[deposit.state] += 1;
    const { currency, decimals } = currencyOf(deposit);
    const key = `${currency} ${decimals}`;
    const known = sums.get(key) ?? {
      currency: { currency, decimals },
      sums: { held: 0n, earned: 0n, returned: 0n },
    };
    const money = moneyOfDeposit(deposit);
    for (const field of summed) known.sums[field] += money[field];
    sums.set(key, known);
  }
  const totals = [...sums.values()].map(({ currency, sums: all }) =>
    Object.fromEntries(summed.map((field) => [field, viewMoney({ ...currency, amount: all[field] })])),
  );
  return { states: counts, totals };
}

/** A deposit always pays for a lot that has a price. */
const currencyOf = (deposit: Deposit): Money => moneyOf(deposit.sale.lot.funding.paid!);

function stateFilter(state: string | undefined): (deposit: Deposit) => boolean {
  if (state === undefined) return () => true;
  if (state === open) return (deposit) => !isOver(deposit);
  if (states.includes(state as DepositState)) return (deposit) => deposit.state === state;
  throw new BadArgument('bad_argument', `state must be one of ${[...states, open].join(', ')}`);
}

/** `_amount`, `_price` and `_refund` are in the currency's smallest unit; units are steps of the plan. */
function viewDeposit(deposit: Deposit): View {
  const { id, method, state, order, sale, opened, closed, due, note } = deposit;
  return {
    id,
    method,
    state,
    mac: sale.mac,
    plan: sale.lot.plan,
    buyer: order.buyer,
    units: order.units,
    unit_price: order.unitPrice,
    signed_units: `${servable(deposit)}`,
    charged_units: deposit.consumed,
    created: Math.floor(deposit.at / 1000),
    note,
    ...viewAmounts(deposit),
    ...(sale.user !== undefined && { user: sale.user }),
    ...(deposit.session !== undefined && { session: deposit.session }),
    ...(due !== undefined && { due_units: due }),
    ...(opened && { reference: opened.reference, transaction: opened.transaction }),
    ...(opened?.serveUntil !== undefined && { serve_until: Math.floor(opened.serveUntil / 1000) }),
    ...(closed && {
      closing_transaction: closed.transaction,
      seller_amount: closed.sellerAmount,
      buyer_refund: closed.buyerRefund,
    }),
  };
}

/** The same amounts as people read them. */
function viewAmounts(deposit: Deposit) {
  const currency = currencyOf(deposit);
  const { paidIn, signed, charged, due, held, earned, returned } = moneyOfDeposit(deposit);
  const view = (amount: bigint) => viewMoney({ ...currency, amount });
  return {
    paid_in: view(paidIn),
    signed: view(signed),
    charged: view(charged),
    ...(due !== undefined && { due: view(due) }),
    held: view(held),
    earned: view(earned),
    returned: view(returned),
  };
}
