import { closed, fresh, granted, id, price, rates, session } from '../samples.mjs';
import { gateway, key, listed, mac, needed, sessionNames, user } from '../words.mjs';

/** Selling and ending access. See `methods` of ../methods.mjs. */
export const sales = {
  plans: {
    does: 'What is for sale. `step` is bytes or seconds, by `metric`; rates are kbit/s. A plan with `free_per_day` costs nothing, and is to be had so often for each device and `free_per_day_total` times by all together, each day of the router.',
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
      payment:
        'Needed but for a plan with `free_per_day`. A table with `method`, and what the method asks for. Cash: `reference`, and `paid`, which must be the price where it is given. Logins: see [RADIUS](radius.md). Wallets: see [Deposits](deposits.md). Tokens: see [Cashu](cashu.md). `currency` chooses one of several prices.',
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
    does: 'A list of sessions, oldest first: those that run and the last 1,000 that ended. With a portal of type nftables a session that runs has `name`, where there is one: what the device calls itself, unchecked, at most 63 printable characters. `count` is how many match, on all pages, and `online` how many of them are active.',
    args: {
      state: 'A state, or `live` for every session that has not ended.',
      gateway: 'Those of one configured portal.',
      ...listed('`created`, `closed`, `client`, `mac`, `plan`, `state`, `data` or `left`'),
      limit: '1 to 200 (200). A reply may hold fewer, so that it fits into a message.',
      after: "The id that ended the page before: that reply's `next`.",
    },
    examples: [
      {
        args: { state: 'live', limit: 1 },
        reply: { sessions: [{ ...fresh, rates }], count: 1, online: 1, next: id },
      },
    ],
  },
  usage: {
    does: 'What a device has used, has left, and how fast it goes now, in bit/s. `ends` is when its time is up if it goes on as now: left out without a limit of time, and while the time stands still. `can_extend`: what is for sale can be added. `returned`, where there is something: tokens that are the customer’s, each with `reference`, `amount`, `currency` and `token`.',
    args: { mac: needed(mac) },
    examples: [
      {
        args: { mac: '02:00:00:00:00:01' },
        reply: {
          id,
          state: 'active',
          used: session.used,
          remaining: session.remaining,
          can_extend: true,
          rates,
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
    does: 'Ends a session. The answer has what is given back: `refunds`, and in `vouchers` what goes back to the voucher of this `id`. A session that somebody else has closed, or that has ended, is answered as it is, with `already: true`: what it says is given back may have been given back.',
    args: {
      id: 'The session. `id` or `mac` is needed.',
      mac,
      reason:
        '`admin` (without it), `user`, `pc-logout`, `coa`, `payment-failed` or `payment-reversed`: the cause of its end.',
    },
    examples: [{ args: { id, reason: 'admin' }, reply: closed }],
  },
  till: {
    does: 'A short code that names the device to a cashier. The device keeps it while it is asked for again within `valid_seconds`; it is kept in memory alone, and gives no right to anything.',
    args: { mac: needed(mac) },
    examples: [
      {
        args: { mac: '02:00:00:00:00:01' },
        reply: { mac: '02:00:00:00:00:01', code: '4711', valid_seconds: 600 },
      },
    ],
  },
  find: {
    does: 'The devices that somebody at a till means, with their running sessions, and the `name` that a device gave itself where one is known. Sell to the `mac`.',
    args: { what: needed('A code of `till`, a MAC address, a login name, or the id of a session.') },
    examples: [
      {
        args: { what: '02:00:00:00:00:01' },
        reply: {
          devices: [{ mac: '02:00:00:00:00:01', code: '4711' }],
        },
        elsewhere: 'all',
      },
    ],
  },
  carry: {
    does: 'Makes a code with which a session goes to another device, or to a new random MAC address of the same one; with `code`, carries it to `mac`. The first device is shut out before the other one is let in; what was bought and used stays as it is, to the byte. A code is good for 15 minutes and for one device, and a newer one takes its place. A session that a server authorised stays where it is.',
    args: {
      id: 'The session to make a code for. `id` or `mac` is needed.',
      mac: 'The device whose session gets a code; with `code` the device that it goes to.',
      code: 'As it was answered; case, blanks and hyphens do not matter.',
    },
    examples: [
      {
        args: { id },
        reply: { id, code: 'WXYZA-BCDEF', valid_until: 1_795_344_136 },
        elsewhere: 'all',
      },
      {
        args: { code: 'WXYZA-BCDEF', mac: '02:00:00:00:00:02' },
        reply: { ...session, mac: '02:00:00:00:00:02' },
        elsewhere: 'all',
      },
    ],
  },
  logout_user: {
    does: 'Ends every session of a user, as when their PC logs out.',
    args: {
      user: needed('A login name.'),
      reason: 'The cause of the end, as for `close`; `pc-logout` without it.',
      idempotency_key: key,
    },
    examples: [{ args: { user: 'ada', idempotency_key: 'pc-17-4711' }, reply: { sessions: [closed] } }],
  },
};
