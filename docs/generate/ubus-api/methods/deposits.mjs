import { id, session } from '../samples.mjs';
import { key, listed, mac, needed } from '../words.mjs';

/** Deposits from wallets. See `methods` of ../methods.mjs. */
export const deposits = {
  deposits: {
    does: 'What customers have paid in from wallets, how much of it is signed, charged, held, earned and given back, and where it stands. `count` is how many match, on all pages, `states` in which state, and `totals` what is held, earned and given back of them in each currency. See [Deposits](deposits.md).',
    args: {
      session: 'Those that pay for one session.',
      state:
        '`opening`, `open-unknown`, `active`, `reorged`, `draining`, `closing`, `close-unknown`, `closed`, `rejected`, `disputed`, or `open` for all for which something is left to do.',
      newest: 'True: newest first.',
      ...listed('`created`, `client`, `plan`, `state`, `paid_in`, `charged`, `earned` or `returned`'),
      limit: '1 to 200 (200).',
      after: "The id that ended the page before: that reply's `next`.",
    },
    examples: [
      {
        args: { state: 'open', newest: true, limit: 100 },
        elsewhere: ['deposits'],
        reply: {
          deposits: [
            {
              id: '0x5f1c…',
              method: 'x402r-session',
              state: 'active',
              mac: '02:00:00:00:00:01',
              plan: 'data',
              buyer: '0xb0b…',
              units: '1000',
              unit_price: '50000',
              signed_units: '600',
              charged_units: '200',
              created: 1_795_343_236,
              note: '',
              paid_in: { amount: '50.000000', currency: 'USDC' },
              signed: { amount: '30.000000', currency: 'USDC' },
              charged: { amount: '10.000000', currency: 'USDC' },
              held: { amount: '50.000000', currency: 'USDC' },
              earned: { amount: '0.000000', currency: 'USDC' },
              returned: { amount: '0.000000', currency: 'USDC' },
              session: id,
              reference: '0x5f1c…',
              transaction: '0x77aa…',
            },
          ],
          count: 1,
          states: {
            ...{ opening: 0, 'open-unknown': 0, active: 1, reorged: 0, draining: 0 },
            ...{ closing: 0, 'close-unknown': 0, closed: 0, rejected: 0, disputed: 0 },
          },
          totals: [
            {
              held: { amount: '50.000000', currency: 'USDC' },
              earned: { amount: '0.000000', currency: 'USDC' },
              returned: { amount: '0.000000', currency: 'USDC' },
            },
          ],
        },
      },
    ],
  },
  deposit_sign: {
    does: 'Takes a further running total that the customer has signed, and adds what it is for to their session.',
    args: {
      id: 'The session. `id` or `mac` is needed.',
      mac,
      payment: needed('What the payment method asks for: see [Deposits](deposits.md).'),
      idempotency_key: needed(key),
    },
    examples: [
      {
        args: {
          id,
          payment: { consume: { units: '500', unitsUsedBefore: '500', nonce: '0x…', buyerSignature: '0x…' } },
          idempotency_key: 's2',
        },
        elsewhere: 'all',
        reply: session,
      },
    ],
  },
};
