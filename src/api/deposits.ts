import { type Escrow, servable } from '../domain/escrow.js';
import { BadArgument } from './arguments.js';
import { find } from './find.js';
import type { Method } from './method.js';
import { pageOf, reply } from './reply.js';
import { type View, viewSession } from './view.js';

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
    args: { session: 'string', state: 'string', limit: 'integer', after: 'string' },
    run(args, service) {
      const [session, state] = [args.optionalName('session'), args.string('state')];
      if (state !== undefined && !/^[a-z-]{1,32}$/.test(state)) {
        throw new BadArgument('bad_argument', 'state is one of those that a deposit can have');
      }
      const { page, next } = pageOf(service.deposits(), {
        id: (escrow) => escrow.id,
        after: args.string('after'),
        limit: args.whole('limit', 1, mostListed) ?? mostListed,
        wanted: (e) =>
          (session === undefined || e.session === session) && (state === undefined || e.state === state),
        unknown: 'unknown_deposit',
      });
      return { deposits: page.map(viewDeposit), ...next };
    },
  },
};

/** Amounts are in the currency's smallest unit, units are steps of the plan. */
function viewDeposit(escrow: Escrow): View {
  const { id, method, state, order, sale, opened, closed, due, note } = escrow;
  return {
    id,
    method,
    state,
    mac: sale.mac,
    plan: sale.lot.plan,
    buyer: order.buyer,
    units: order.units,
    unit_price: order.unitPrice,
    signed_units: `${servable(escrow)}`,
    charged_units: escrow.consumed,
    created: Math.floor(escrow.at / 1000),
    note,
    ...(escrow.session !== undefined && { session: escrow.session }),
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
