import { amount, flag, span, text, whole } from '../../config/kind.js';
import { list, option } from '../../config/option.js';
import { type ConfigOf, section } from '../../config/section.js';

const later = 'it is written into the file';

/** `config upstream_purchase 'upstream_purchase'` */
export const upstreamPurchase = section({
  type: 'upstream_purchase',
  name: 'upstream_purchase',
  about:
    "The router's own Internet, bought from a TollGate or another turnpike with the tokens that section `cashu` has earned.",
  enabled: option(flag, {
    default: '0',
    help: '1: it is bought. Nothing is spent beyond `day_limit`.',
    notInLuci: later,
  }),
  options: {
    mint: list(text(/^https?:\/\/[a-z0-9.:[\]-]+(?:\/[\w.~/-]*)?$/, 'the address of a mint'), {
      needed: true,
      examples: ['https://mint.example.net'],
      key: (url) => url,
      help: 'A mint whose tokens are spent. It is one of section `cashu`, too.',
      notInLuci: later,
    }),
    unit: option(text(/^[a-z][a-z0-9]{1,11}$/, 'a unit of a mint such as sat'), {
      default: 'sat',
      help: 'The unit that is spent.',
      notInLuci: later,
    }),
    day_limit: option(whole(1, 1_000_000_000), {
      needed: true,
      example: '1000',
      help: 'The most that is spent in 24 hours, in the unit.',
      notInLuci: later,
    }),
    at_once: option(whole(1, 1_000_000_000), {
      default: '100',
      help: 'The most that one purchase costs, in the unit.',
      notInLuci: later,
    }),
    low_percent: option(whole(1, 99), {
      default: '20',
      help: 'More is bought when less than this share of what was bought last is left, in percent,',
      notInLuci: later,
    }),
    low_data: option(amount, {
      absent: 'the share alone counts',
      example: '50 MB',
      help: '… or less than this, where data is sold,',
      notInLuci: later,
    }),
    low_time: option(span('1s', '7d'), {
      absent: 'the share alone counts',
      example: '5 min',
      help: '… or less than this, where time is sold.',
      notInLuci: later,
    }),
    address: option(text(/^(?:\d{1,3}\.){3}\d{1,3}$/, 'an IPv4 address'), {
      absent: 'it is the gateway of the default route',
      example: '192.168.1.1',
      help: 'Who sells, at port 2121.',
      notInLuci: later,
    }),
    key: option(text(/^[0-9a-f]{64}$/, 'a key of 64 hexadecimal digits'), {
      absent: 'whoever is there may sell',
      example: '0'.repeat(64),
      help: 'The public key of the seller (`pubkey` of its answers): nobody else is paid.',
      notInLuci: later,
    }),
  },
});

export type UpstreamPurchaseConfig = ConfigOf<typeof upstreamPurchase>;
