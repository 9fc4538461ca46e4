import { currency, flag } from '../../config/kind.js';
import { list, option } from '../../config/option.js';
import { section } from '../../config/section.js';

/** `config method 'cash'` */
export const cash = section({
  type: 'method',
  name: 'cash',
  about: 'Cash at a till: whoever sells says that the money is there.',
  enabled: option(flag, { default: '1', help: '0: nobody can pay in cash.' }),
  options: {
    currency: list(currency, {
      needed: true,
      examples: ['USD 2'],
      key: ({ code }) => code,
      help: 'Each currency that is taken: its code, and how many decimals it has.',
    }),
  },
  make: ({ currency: taken }) => ({
    name: 'cash' as const,
    currencies: new Map(taken.map(({ code, decimals }) => [code, decimals])),
  }),
});
