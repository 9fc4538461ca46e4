import { batch, byVoucher, price, voucher } from '../samples.mjs';
import { gateway, key, listed, mac, needed, user } from '../words.mjs';

const codes = { valid_until: 1_900_000_000, reprint: true, codes: ['ABCDE-FGHJK', 'MNPQR-STUVW'] };

/** Vouchers. See `methods` of ../methods.mjs. */
export const vouchers = {
  voucher_create: {
    does: 'Makes a batch of vouchers. Their codes are in this answer, and with `reprint` in that of `voucher_codes`, and nowhere else; a repeat of one of the last 8 orders has them again while the daemon runs, and one with `reprint` as long as `voucher_codes` has them.',
    args: {
      plan: needed('The id of a plan. One without a price can be given away on paper.'),
      steps: "What one voucher buys, in steps; the plan's `min_steps` without it.",
      count: needed('1 to 500.'),
      valid_until: 'Unix seconds up to which they can be redeemed. A session that runs by then goes on.',
      single_use:
        'True: good for one session. False (without it): what a session leaves unused stays on the voucher.',
      digits:
        'True: codes of 16 digits such as `5318-0274-9961-4405`, as hard to guess. False (without it): 10 letters and digits.',
      reprint:
        'True: the codes are kept, encrypted, for `voucher_codes`, unless the option `reprint` of the daemon is 0; the answer says `reprint` where they are. False (without it): they are not.',
      idempotency_key: needed(key),
    },
    examples: [
      {
        args: {
          plan: 'data',
          steps: 10,
          count: 2,
          valid_until: 1_900_000_000,
          single_use: false,
          reprint: true,
          idempotency_key: 'v1',
        },
        reply: {
          batch,
          plan: 'data',
          steps: 10,
          allotment: { bytes: 100_000_000 },
          price,
          ...codes,
        },
      },
    ],
  },
  voucher_codes: {
    does: 'The codes of a batch that was made with `reprint`, until one of its vouchers is used or made void, or their time is over. Whoever may call this may have them, whoever made the batch: rpcd names no user to turnpike.',
    args: { batch: needed('The batch.') },
    examples: [
      {
        args: { batch },
        reply: { batch, plan: 'data', steps: 10, allotment: { bytes: 100_000_000 }, price, ...codes },
      },
    ],
  },
  voucher_redeem: {
    does: 'Lets a device use a voucher. The same device again has the same answer; another device takes over what is left, and the first is closed before.',
    args: {
      code: needed(
        'As it is printed; case, blanks, hyphens and dots do not matter, and digits may be those of another script.',
      ),
      mac: needed(mac),
      user,
      gateway,
    },
    examples: [{ args: { code: 'ABCDE-FGHJK', mac: '02:00:00:00:00:03' }, reply: byVoucher }],
  },
  vouchers: {
    does: 'A list of vouchers by their numbers, never by their codes. `reprint`: `voucher_codes` has those of its batch.',
    args: {
      batch: 'Those of one batch.',
      state: '`unused`, `in_use`, `partly_used`, `spent`, `expired` or `void`.',
      ...listed('`created`, `id`, `plan`, `state` or `valid_until`'),
      limit: '1 to 500 (500).',
      after: "The id that ended the page before: that reply's `next`.",
    },
    examples: [
      {
        args: { batch, state: 'unused', limit: 1 },
        reply: {
          vouchers: [voucher],
          count: 2,
          states: { unused: 2, in_use: 0, partly_used: 0, spent: 0, expired: 0, void: 0 },
          next: voucher.id,
        },
      },
    ],
  },
  voucher_void: {
    does: 'Makes a voucher or a whole batch worthless. A session that runs goes on.',
    args: { id: needed(`A voucher such as \`${batch}-2\`, or a batch such as \`${batch}\`.`) },
    examples: [{ args: { id: `${batch}-2` }, reply: { voided: 1 } }],
  },
};
