import { type Deposit, type DepositState, isOver, servable } from '../domain/deposit.js';
import { moneyOfDeposit } from '../domain/deposit-money.js';
import { moneyOf } from '../domain/money.js';
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
        texts: ({ id, sale, order, session: of, opened }) => [
          ...[id, sale.mac, sale.user, sale.lot.plan, order.buyer, of],
          opened?.transaction,
        ],
        sorts: {
          created: ({ at }) => at,
          client: ({ sale }) => sale.user ?? sale.mac,
          plan: ({ sale }) => sale.lot.plan ?? '',
          state: ({ state }) => state,
        },
        most: mostListed,
        unknown: 'unknown_deposit',
      });
      const { fitting, next: last } = cutToFit(page.map(viewDeposit), next);
      const behind = last !== undefined && !args.has('offset') && !args.has('sort') ? { next: last } : {};
      return { deposits: fitting, count: matching.length, ...behind };
    },
  },
};

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
function viewAmounts(deposit: Deposit): View {
  // A deposit always pays for a lot that has a price.
  const currency = moneyOf(deposit.sale.lot.funding.paid!);
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
