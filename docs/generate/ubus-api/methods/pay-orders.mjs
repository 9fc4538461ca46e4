import { id } from '../samples.mjs';
import { gateway, mac, needed } from '../words.mjs';

const order = {
  id: 'x3k9qv7m2c8t4w6z0p5d',
  number: 'x3k9qv7m2c8t4w6z0p5d',
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
    does: 'Makes an order that a payment provider says is paid: see [Webhooks](webhooks.md). The same order again while it is open. `number` is what the provider is told: the id, and behind it the name of the router where a [hub](hub.md#payments) takes the provider’s messages. `window`: the device has access for some minutes, to pay with an app.',
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
    does: 'An order: `state` is `open`, `paid` (the money is there, access comes), `sold` with its `session`, or `voucher` with a `code` in the place of access, for a customer who was gone or could not be served. Whoever asks is taken to be there. Orders are kept for a day, those that are paid or wait for a hub for a week.',
    args: { id: needed('The order.') },
    examples: [
      {
        args: { id: 'x3k9qv7m2c8t4w6z0p5d' },
        elsewhere: 'all',
        reply: { ...order, state: 'sold', session: id },
      },
    ],
  },
  payment_confirm: {
    does: 'Serves an order of a hook with the signature `hub`: somebody who has checked it says that it is paid. A repeat changes nothing. `state` is `sold`, or `voucher`, whose code the order’s page alone shows; `busy`: it is paid, and to be said again.',
    args: {
      hook: needed('The name of a section `hook`.'),
      order: needed('The id of the order.'),
      amount: needed('What was paid: the order’s own amount.'),
      currency: needed('Its currency.'),
      reference: 'By which the provider knows the payment; two different ones for an order are in the log.',
    },
    examples: [
      {
        args: {
          hook: 'card',
          order: 'x3k9qv7m2c8t4w6z0p5d',
          amount: '0.50',
          currency: 'USD',
          reference: 'pi_1',
        },
        elsewhere: 'all',
        reply: { id: 'x3k9qv7m2c8t4w6z0p5d', state: 'sold', session: id },
      },
    ],
  },
};
