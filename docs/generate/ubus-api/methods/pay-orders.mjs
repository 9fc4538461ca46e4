import { id } from '../samples.mjs';
import { gateway, mac, needed } from '../words.mjs';

const order = {
  id: 'x3k9qv7m2c8t4w6z0p5d',
  hook: 'card',
  state: 'open',
  mac: '02:00:00:00:00:01',
  plan: 'data',
  steps: 10,
  amount: '0.50',
  currency: 'USD',
  expires: 1_795_346_836,
  window: true,
};

/** Orders that are paid elsewhere. See `methods` of ../methods.mjs. */
export const payOrders = {
  order_create: {
    does: 'Makes an order that a payment provider says is paid: see [Webhooks](webhooks.md). The same order again while it is open. `window`: the device has access for some minutes, to pay with an app.',
    args: {
      mac: needed(mac),
      plan: needed('The id of a plan.'),
      steps: "How many steps; the plan's `min_steps` without it.",
      hook: needed('The name of a section `hook`.'),
      gateway,
    },
    examples: [
      {
        args: { mac: '02:00:00:00:00:01', plan: 'data', steps: 10, hook: 'card' },
        elsewhere: 'all',
        reply: order,
      },
    ],
  },
  order: {
    does: 'An order: `state` is `open`, `paid` (the money is there, access comes), `sold` with its `session`, or `voucher` with a `code` in the place of access, for a customer who was gone or could not be served. Whoever asks is taken to be there. Orders are kept for a day, those that are paid for a week.',
    args: { id: needed('The order.') },
    examples: [
      {
        args: { id: 'x3k9qv7m2c8t4w6z0p5d' },
        elsewhere: 'all',
        reply: { ...order, state: 'sold', session: id },
      },
    ],
  },
};
