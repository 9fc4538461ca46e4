// What docs/ubus-api.md says of each method. Names and types of arguments come from src/api; a test calls the daemon
// with every example, in this order, and compares what it answers.

/** An argument that a call cannot go without. */
const needed = (text) => `**Needed.** ${text}`;

const mac = 'The device, as `02:00:00:00:00:01` or `02-00-00-00-00-01`.';
const gateway =
  'The configured portal (a section `gateway`) that lists the device. Only needed where there are several portals and none lists it yet.';
const user = 'A login name. It counts devices: a user has as many at once as the plan allows.';
const key =
  '1 to 128 printable characters without spaces. The same key with the same content has the same answer and does nothing again.';
const sessionNames = 'One of `id`, `mac` and `user` is needed; the first of them counts.';

const id = 'p7a1ttvy85pd33wdd5pa';
const batch = 'k3v9ax2m';
const price = { amount: '0.50', currency: 'USD' };

/** A session as replies show it, 25 MB into its 100 MB. */
const session = {
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
  lots: [{ plan: 'data', steps: 10, method: 'cash', reference: 'till 7', paid: price }],
  refunds: [{ method: 'cash', reference: 'till 7', amount: '0.35', currency: 'USD', state: 'if_closed_now' }],
  user: 'ada',
  opened: 1_795_343_236,
};
const fresh = {
  ...session,
  used: { bytes: 0 },
  remaining: { bytes: 100_000_000 },
  up_bytes: 0,
  down_bytes: 0,
  refunds: [{ ...session.refunds[0], amount: '0.50' }],
};
const granted = {
  ...session,
  plan: 'grant',
  granted: { bytes: 101_000_000 },
  remaining: { bytes: 76_001_088 },
  lots: [...session.lots, { plan: 'grant', steps: 1, method: 'grant', reference: 'broken film' }],
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
const byVoucher = {
  ...anonymous,
  mac: '02:00:00:00:00:03',
  lots: [{ ...session.lots[0], method: 'voucher', reference: `${batch}-1` }],
  refunds: [],
};
const voucher = {
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

/**
 * Each: `does`, the meanings of its arguments, and examples. `elsewhere`: parts of the answer that the daemon of the test has
 * none of, `all` for an example that is read and not called.
 */
export const methods = {
  status: {
    does: 'How the daemon, its portals, its servers and its journal stand.',
    args: {},
    examples: [
      {
        args: {},
        elsewhere: ['sinks', 'backstop'],
        reply: {
          version: '0.1.0',
          boot: '9139243a36a0',
          router: 'cafe-7',
          uptime: 3600,
          journal: { state: 'ok', bytes: 81_248, error: '' },
          sinks: [{ name: 'mqtt', state: 'up', backlog: 0, error: '' }],
          gateways: [
            {
              name: 'lan',
              state: 'up',
              clients: 4,
              last_poll_ms: 6,
              polls: 512,
              failed_polls: 0,
              partial_polls: 0,
              kicks: 0,
              restarts: 0,
              double_macs: 0,
              gates_failing: 0,
              error: '',
            },
          ],
          backstop: {
            state: 'on',
            error: '',
            mended: 0,
            stalled: 0,
            difference_bytes: 1327,
            difference_ratio: 0.0001,
          },
          sessions: { pending: 0, active: 3, suspended: 1, closing: 0, expired: 40, terminated: 6 },
        },
      },
    ],
  },
  plans: {
    does: 'What is for sale. `step` is bytes or seconds, by `metric`; rates are kbit/s.',
    args: {},
    examples: [
      {
        args: {},
        reply: {
          plans: [
            {
              id: 'data',
              title: 'Data, 10 MB a step',
              metric: 'bytes',
              step: 10_000_000,
              min_steps: 1,
              max_steps: 1000,
              prices: [{ amount: '0.05', currency: 'USD' }],
              caps: {},
              devices: 1,
              pause_away: false,
            },
          ],
        },
      },
    ],
  },
  quote: {
    does: 'A price, what it buys, and every way to pay it. A wallet finds its x402 `requirements` there.',
    args: {
      plan: needed('The id of a plan.'),
      steps: "How many steps; the plan's `min_steps` without it.",
      amount: 'In the place of `steps`: as many whole steps as this amount pays for.',
      currency: 'A code such as `USD`; the first price that the method takes without it.',
      method: 'A payment method; the first one that is configured without it.',
    },
    examples: [
      {
        args: { plan: 'data', amount: '0.50', currency: 'USD', method: 'cash' },
        reply: {
          plan: 'data',
          steps: 10,
          allotment: { bytes: 100_000_000 },
          price,
          payment: [{ method: 'cash', ...price }],
        },
      },
    ],
  },
  purchase: {
    does: 'Takes the money, writes the sale down, opens the gate. It waits 3 s for the gate at the most: the session may still be `pending`.',
    args: {
      mac: needed(mac),
      plan: needed('The id of a plan. Only a login at a server (RADIUS) goes without.'),
      steps: "How many steps; the plan's `min_steps` without it.",
      payment: needed(
        'A table with `method`, and what the method asks for. Cash: `reference`, and `paid`, which must be the price where it is given. Logins: see [RADIUS](radius.md). Wallets: see [Deposits](deposits.md). `currency` chooses one of several prices.',
      ),
      idempotency_key: needed(key),
      user,
      gateway,
    },
    examples: [
      {
        args: {
          mac: '02:00:00:00:00:01',
          plan: 'data',
          steps: 10,
          payment: { method: 'cash', reference: 'till 7' },
          idempotency_key: 'a1',
          user: 'ada',
        },
        reply: fresh,
      },
    ],
  },
  session: {
    does: 'One session, with its time counted up to now. By `mac` and `user` it is the newest one, running ones first.',
    args: { id: `The session. ${sessionNames}`, mac, user: 'A login name.' },
    examples: [{ args: { mac: '02:00:00:00:00:01' }, reply: session }],
  },
  sessions: {
    does: 'A list of sessions, oldest first: those that run and the last 1,000 that ended.',
    args: {
      state: 'A state, or `live` for every session that has not ended.',
      gateway: 'Those of one configured portal.',
      limit: '1 to 200 (200). A reply may hold fewer, so that it fits into a message.',
      after: "The id that ended the page before: that reply's `next`.",
    },
    examples: [{ args: { state: 'live', limit: 1 }, reply: { sessions: [fresh], next: id } }],
  },
  usage: {
    does: 'What a device has used, has left, and how fast it goes now, in bit/s.',
    args: { mac: needed(mac) },
    examples: [
      {
        args: { mac: '02:00:00:00:00:01' },
        reply: {
          id,
          state: 'active',
          used: session.used,
          remaining: session.remaining,
          rates: { up_bps: 64_000, down_bps: 1_360_000 },
        },
      },
    ],
  },
  grant: {
    does: 'Gives access away. It is added to the session that runs, or begins one.',
    args: {
      mac: needed(mac),
      plan: 'A plan, with `steps`; or `bytes`, `seconds`, or both of these.',
      steps: 'How many steps of the plan; its `min_steps` without it.',
      bytes: 'An amount of data.',
      seconds: 'A span of time.',
      reason: needed(
        '1 to 128 characters on one line: it stands where a purchase has the reference of its payment.',
      ),
      idempotency_key: needed(key),
      user,
      gateway,
    },
    examples: [
      {
        args: {
          mac: '02:00:00:00:00:01',
          bytes: 1_000_000,
          reason: 'broken film',
          idempotency_key: 'g1',
        },
        reply: granted,
      },
    ],
  },
  close: {
    does: 'Ends a session. The answer has what is given back; a session that has ended is answered as it is.',
    args: {
      id: 'The session. `id` or `mac` is needed.',
      mac,
      reason:
        '`admin` (without it), `user`, `pc-logout`, `coa`, `payment-failed` or `payment-reversed`: the cause of its end.',
    },
    examples: [{ args: { id, reason: 'admin' }, reply: closed }],
  },
  logout_user: {
    does: 'Ends every session of a user, as when their PC logs out.',
    args: { user: needed('A login name.'), idempotency_key: key },
    examples: [{ args: { user: 'ada', idempotency_key: 'pc-17-4711' }, reply: { sessions: [closed] } }],
  },
  voucher_create: {
    does: 'Makes a batch of vouchers. Their codes are in this answer and nowhere else; a repeat of one of the last 8 orders has them again while the daemon runs.',
    args: {
      plan: needed('The id of a plan. One without a price can be given away on paper.'),
      steps: "What one voucher buys, in steps; the plan's `min_steps` without it.",
      count: needed('1 to 500.'),
      valid_until: 'Unix seconds up to which they can be redeemed. A session that runs by then goes on.',
      single_use:
        'True: good for one session. False (without it): what a session leaves unused stays on the voucher.',
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
          idempotency_key: 'v1',
        },
        reply: {
          batch,
          plan: 'data',
          steps: 10,
          allotment: { bytes: 100_000_000 },
          price,
          valid_until: 1_900_000_000,
          codes: ['ABCDE-FGHJK', 'MNPQR-STUVW'],
        },
      },
    ],
  },
  voucher_redeem: {
    does: 'Lets a device use a voucher. The same device again has the same answer; another device takes over what is left, and the first is closed before.',
    args: {
      code: needed('As it is printed; case, blanks and hyphens do not matter.'),
      mac: needed(mac),
      user,
      gateway,
    },
    examples: [{ args: { code: 'ABCDE-FGHJK', mac: '02:00:00:00:00:03' }, reply: byVoucher }],
  },
  vouchers: {
    does: 'A list of vouchers by their numbers, never by their codes.',
    args: {
      batch: 'Those of one batch.',
      state: '`unused`, `in_use`, `partly_used`, `spent`, `expired` or `void`.',
      limit: '1 to 500 (500).',
      after: "The id that ended the page before: that reply's `next`.",
    },
    examples: [
      { args: { batch, state: 'unused', limit: 1 }, reply: { vouchers: [voucher], next: voucher.id } },
    ],
  },
  voucher_void: {
    does: 'Makes a voucher or a whole batch worthless. A session that runs goes on.',
    args: { id: needed(`A voucher such as \`${batch}-2\`, or a batch such as \`${batch}\`.`) },
    examples: [{ args: { id: `${batch}-2` }, reply: { voided: 1 } }],
  },
  deposits: {
    does: 'What customers have paid in from wallets, how much of it is signed, charged, held, earned and given back, and where it stands. See [Deposits](deposits.md).',
    args: {
      session: 'Those that pay for one session.',
      state:
        '`opening`, `open-unknown`, `active`, `reorged`, `draining`, `closing`, `close-unknown`, `closed`, `rejected`, `disputed`, or `open` for all for which something is left to do.',
      newest: 'True: newest first.',
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
  stats: {
    does: 'Revenue, bytes and sessions by time. Refunds are taken off in the hour in which they are made.',
    args: {
      from: 'Unix seconds; a day before `to` without it. Counted from the full hour before it.',
      to: 'Unix seconds; the end of this hour without it.',
      step: 'Seconds, whole hours (3600); at most 1,000 steps.',
    },
    examples: [
      {
        args: { from: 1_795_132_800, to: 1_795_140_000, step: 3600 },
        reply: {
          from: 1_795_132_800,
          to: 1_795_140_000,
          step: 3600,
          series: [
            {
              at: 1_795_132_800,
              revenue: [{ amount: '12.35', currency: 'USD' }],
              up_bytes: 190_999_424,
              down_bytes: 2_399_948_800,
              sessions: 14,
            },
          ],
        },
      },
    ],
  },
  upstream_test: {
    does: 'Asks a server now whether it answers. `detail` says in words who did.',
    args: { name: needed('The name of its section: `radius`, `mqtt` or `escrow`.') },
    examples: [
      {
        args: { name: 'mqtt' },
        elsewhere: 'all',
        reply: { detail: 'broker.example.net took a report, MQTT 5' },
      },
    ],
  },
  reload: {
    does: 'Reads the configuration again. With a fault nothing changes, and `faults` lists all of them with their lines. `needs_restart` names options that a running daemon cannot change.',
    args: {},
    examples: [{ args: {}, reply: { applied: true } }],
  },
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
  lots: 'Its purchases and grants, oldest first: `plan`, `steps`, `method`, `reference`, and `paid` unless it was free.',
  refunds:
    'What is given back: `method`, `reference`, `amount`, `currency`, and `state`: `if_closed_now` while it runs, then `owed` (the owner hands it out) or `by_escrow` (the deposit gives it back by itself).',
  user: 'The login name, where there is one.',
  cause: 'Why it ended, from `closing` on.',
  opened: 'When its gate opened first.',
  closed: 'When its gate was read back shut.',
};
