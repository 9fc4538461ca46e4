/** Money that is a token. See `methods` of ../methods.mjs. */
export const tokens = {
  cashu_export: {
    does: "The next token of the owner's money, from sessions that are over; `{}` when none is left. It stays here, and comes again, until a further call names it as `written`: whoever has the token has the money. See [Cashu](cashu.md).",
    args: { written: 'The `id` of the token before, when it is safe: from then on it is gone from here.' },
    examples: [
      {
        args: { written: '5f1c6a0d9be2c310' },
        elsewhere: 'all',
        reply: {
          id: '0d11a3e2c95b7f48',
          mint: 'https://mint.example.net',
          amount: '420',
          currency: 'SAT',
          token: 'cashuBo2F0…',
        },
      },
    ],
  },
};
