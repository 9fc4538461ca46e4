import { amount, choice, currency, flag, span, text, whole } from '../../config/kind.js';
import { list, option } from '../../config/option.js';
import { type ConfigOf, section } from '../../config/section.js';

const inFile = 'a section for each payment provider is written into the file';

const key = text(/^[A-Za-z0-9_+\x2f=-]{16,200}$/, '16 to 200 letters, digits and signs of base64');

/** `config hook 'NAME'`: somebody who tells the router that an order is paid, or that a user has logged out. */
export const hook = section({
  type: 'hook',
  about:
    'A payment provider that says over HTTP when an order is paid: `POST /hooks/NAME` at the customers’ page, signed. ' +
    'Its name is the payment method. The provider, or a server between, must be able to reach the router. ' +
    'With `takes` it is for the logouts of PCs.',
  enabled: option(flag, {
    default: '0',
    help: '1: its messages are taken, and customers can pay through it.',
    notInLuci: inFile,
  }),
  options: {
    takes: option(choice({ payments: 'orders that are paid', logouts: 'users who log out at a PC' }), {
      default: 'payments',
      help: 'What its messages are about. `logouts` ends the sessions of the user whom a message names; nobody pays there.',
      notInLuci: inFile,
    }),
    signature: option(choice({ standard: 'Standard Webhooks', stripe: 'Stripe', hub: 'the hub checks it' }), {
      default: 'standard',
      help: 'How its messages are signed. `hub`: they go to `turnpike hub`, which sends the order `payment_confirm` over MQTT.',
      notInLuci: inFile,
    }),
    currency: list(currency, {
      neededIf: 'not with `logouts`',
      examples: ['USD 2'],
      key: ({ code }) => code,
      help: 'Each currency that it takes: its code, and how many decimals it has there.',
      notInLuci: inFile,
    }),
    window_time: option(span('1min', '1h'), {
      absent: 'there is no window: an app on the device cannot pay before it has access',
      example: '5 min',
      help: 'While an order waits for its money, the device has access for this long, once an hour. It ends when the money is there.',
      notInLuci: inFile,
    }),
    window_data: option(amount, {
      default: '20 MB',
      help: 'The most that such a window carries.',
      notInLuci: inFile,
    }),
    windows: option(whole(1, 1000), {
      default: '20',
      help: 'Windows for all devices together, in an hour.',
      notInLuci: inFile,
    }),
  },
  secrets: {
    secret: option(key, {
      neededIf: 'not with `hub`',
      example: '...',
      help: 'What the provider signs with, as it shows it.',
      notInLuci: inFile,
    }),
    secret_before: option(key, {
      absent: 'one secret is believed',
      example: '...',
      help: 'The one that it signed with before, while the provider changes it.',
      notInLuci: inFile,
    }),
  },
  check({ takes, signature, secret }, { fault, demand }) {
    if (takes === 'payments') demand('currency');
    else if (signature !== 'standard') fault('conflict', 'logouts are signed as `standard`', 'signature');
    if (signature !== 'hub') demand('secret');
    else if (secret !== undefined) fault('conflict', 'with hub the secret belongs to the hub', 'signature');
  },
  make: ({ currency: currencies, windowTime, secret, secretBefore, ...rest }, name) => ({
    ...rest,
    name,
    secrets: [secret, secretBefore].filter((one) => one !== undefined),
    currencies: new Map(currencies.map(({ code, decimals }) => [code, decimals])),
    ...(windowTime !== undefined && { windowTime }),
  }),
});

export type HookConfig = ConfigOf<typeof hook>;
