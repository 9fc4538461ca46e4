import { formatAmount, moneyOf } from '../domain/money.js';
import type { PayOrder } from '../domain/pay-order.js';
import { present } from '../domain/present.js';
import { refuse } from '../domain/refuse.js';
import type { Method } from './method.js';
import { reply } from './reply.js';
import type { View } from './view.js';

const most = Number.MAX_SAFE_INTEGER;

/** Methods around orders that are paid elsewhere. */
export const payOrders: Readonly<Record<string, Method>> = {
  order_create: {
    args: { mac: 'string', plan: 'string', steps: 'integer', hook: 'string', gateway: 'string' },
    async run(args, service) {
      const order = {
        ...{ mac: args.mac(), plan: args.name('plan'), hook: args.name('hook') },
        ...present({
          steps: args.whole('steps', 1, most, 'bad_steps'),
          gateway: args.optionalName('gateway'),
        }),
      };
      return reply(await service.orders.create(order), viewPayOrder);
    },
  },
  order: {
    args: { id: 'string' },
    run(args, service) {
      const order = service.orders.get(args.name('id'));
      if (order) return viewPayOrder(order);
      const none = refuse('unknown_order', 'there is no such order, or it is out of date');
      return reply<PayOrder>(service.orders.unread ?? none, viewPayOrder);
    },
  },
  payment_confirm: {
    args: { hook: 'string', order: 'string', amount: 'string', currency: 'string', reference: 'string' },
    async run(args, service) {
      const word = {
        ...{ hook: args.name('hook'), order: args.name('order'), currency: args.name('currency') },
        ...{ amount: args.line('amount'), reference: args.string('reference', 128) ?? '' },
      };
      // A voucher's code is for the customer alone, and this answer goes over a broker.
      return reply(await service.orders.told(word), ({ id, state, session }) => {
        return { id, state, ...present({ session }) };
      });
    },
  },
};

function viewPayOrder(order: PayOrder): View {
  const { id, number = id, hook, state, mac, plan, steps, price, until, hasWindow, session, code } = order;
  return {
    ...{ id, number, hook, state, mac, plan, steps },
    amount: formatAmount(moneyOf(price)),
    currency: price.currency,
    expires: Math.floor(until / 1000),
    window: hasWindow,
    ...present({ session, code }),
  };
}
