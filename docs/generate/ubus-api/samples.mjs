// What the examples of docs/ubus-api.md are about: a session from its purchase to its end, and a voucher.

export const id = 'p7a1ttvy85pd33wdd5pa';
export const batch = 'k3v9ax2m';
export const price = { amount: '0.50', currency: 'USD' };

/** A session as replies show it, 25 MB into its 100 MB. */
export const session = {
  id,
  mac: '02:00:00:00:00:01',
  gateway: 'lan',
  state: 'active',
  plan: 'data',
  granted: { bytes: 100_000_000 },
  used: { bytes: 24_998_912 },
  remaining: { bytes: 75_001_088 },
  up_bytes: 999_424,
  down_bytes: 23_999_488,
  overshoot_bytes: 0,
  created: 1_795_343_236,
  lots: [{ plan: 'data', steps: 10, method: 'cash', reference: 'till 7', count: 1, paid: price }],
  lots_count: 1,
  refunds: [
    {
      method: 'cash',
      reference: 'till 7',
      count: 1,
      amount: '0.35',
      currency: 'USD',
      state: 'if_closed_now',
    },
  ],
  user: 'ada',
  opened: 1_795_343_236,
};
/** How fast a session goes. */
export const rates = { up_bps: 64_000, down_bps: 1_360_000 };
export const fresh = {
  ...session,
  used: { bytes: 0 },
  remaining: { bytes: 100_000_000 },
  up_bytes: 0,
  down_bytes: 0,
  refunds: [{ ...session.refunds[0], amount: '0.50' }],
};
export const granted = {
  ...session,
  plan: 'grant',
  granted: { bytes: 101_000_000 },
  remaining: { bytes: 76_001_088 },
  lots: [...session.lots, { plan: 'grant', steps: 1, method: 'grant', reference: 'broken film', count: 1 }],
  lots_count: 2,
};
/** The same with a grant, closed by hand: the session that the document shows. */
export const closed = {
  ...granted,
  state: 'terminated',
  refunds: [{ ...session.refunds[0], state: 'owed' }],
  cause: 'admin',
  closed: 1_795_343_239,
};
const { user: _, ...anonymous } = fresh;
export const byVoucher = {
  ...anonymous,
  mac: '02:00:00:00:00:03',
  lots: [{ ...session.lots[0], method: 'voucher', reference: `${batch}-1` }],
  refunds: [],
};
export const voucher = {
  id: `${batch}-2`,
  batch,
  plan: 'data',
  state: 'unused',
  created: 1_795_343_239,
  single_use: false,
  remaining: { bytes: 100_000_000 },
  redeemed: 0,
  price,
  valid_until: 1_900_000_000,
};

/** What the fields of a session mean. */
export const sessionFields = {
  id: 'Its name, unique for ever.',
  mac: 'The device.',
  gateway: 'The configured portal that holds its gate.',
  state: 'See [States](#states).',
  plan: 'The plan that was bought last; `grant` for bare data or time; empty while a server is being asked.',
  granted:
    'Its limits, all lots together: `bytes`, `up_bytes`, `down_bytes`, `seconds`, `valid_seconds` (since it opened, online or not). What is not limited is left out.',
  used: 'What counts against each limit, never more than `granted`.',
  remaining: '`granted` less `used`.',
  up_bytes: 'Bytes from the client.',
  down_bytes: 'Bytes to the client.',
  overshoot_bytes: 'What passed beyond the data cap before the gate was shut. Nobody pays for it.',
  created: 'When it began.',
  lots: 'Its purchases and grants, oldest first: `plan`, `steps`, `method`, `reference`, `count`, and `paid` unless it was free. The newest 8 stand one by one. The older ones are added up by method and currency: `count` says how many they are, and `plan` and `reference` are empty.',
  lots_count: 'How many purchases and grants there were in all.',
  refunds:
    'What is given back: `method`, `reference`, `count`, `amount`, `currency`, and `state`: `if_closed_now` while it runs, then `owed` (the owner hands it out), `by_escrow` (the deposit gives it back by itself) or `by_token` (a token for the customer, in `usage`). Like `lots`, the newest 8 payments stand one by one, the older ones in sums.',
  user: 'The login name, where there is one.',
  cause: 'Why it ended, from `closing` on.',
  opened: 'When its gate opened first.',
  rates: 'In `sessions`, while it runs: how fast it goes now, `up_bps` and `down_bps` in bit/s.',
  closed: 'When its gate was read back shut.',
};
