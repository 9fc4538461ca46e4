import { freeMethod } from '../domain/free-uses.js';
import { present } from '../domain/present.js';
import { type Cause, isUsable, type Session } from '../domain/session.js';
import { bytes, seconds } from '../domain/units.js';
import { voucherId, voucherState } from '../domain/voucher.js';
import { type Arguments, BadArgument } from './arguments.js';
import { find } from './find.js';
import type { Method } from './method.js';
import { reply } from './reply.js';
import type { Service } from './service.js';
import { withReturned } from './tokens.js';
import { type View, viewAllotment, viewMoney, viewSession } from './view.js';

/** Reasons that a caller of `close` or `logout_user` may give; the engine's own reasons are not among them. */
const closeReasons: readonly Cause[] = [
  'admin',
  'user',
  'pc-logout',
  'coa',
  'payment-failed',
  'payment-reversed',
];

const most = Number.MAX_SAFE_INTEGER;

/** Methods that change something. */
export const orders: Readonly<Record<string, Method>> = {
  purchase: {
    args: {
      mac: 'string',
      plan: 'string',
      steps: 'integer',
      payment: 'table',
      idempotency_key: 'string',
      user: 'string',
      gateway: 'string',
    },
    async run(args, service) {
      // Only a plan can be free: what names none needs a payment.
      const isPaid = args.has('payment') || !args.has('plan');
      const payment = isPaid ? args.table('payment') : { method: freeMethod };
      const { method, currency } = payment;
      if (typeof method !== 'string') throw new BadArgument('bad_payment', 'payment.method is missing');
      if (currency !== undefined && typeof currency !== 'string') {
        throw new BadArgument('bad_payment', 'payment.currency must be a string');
      }
      const order = {
        mac: args.mac(),
        payment: { ...payment, method },
        key: args.key(),
        ...present({
          plan: args.optionalName('plan'),
          steps: args.whole('steps', 1, most, 'bad_steps'),
          currency,
        }),
        ...buyer(args),
      };
      return withReturned(reply(await service.purchase(order), viewSession), service, order.mac);
    },
  },
  grant: {
    args: {
      mac: 'string',
      plan: 'string',
      steps: 'integer',
      bytes: 'integer',
      seconds: 'integer',
      reason: 'string',
      idempotency_key: 'string',
      user: 'string',
      gateway: 'string',
    },
    async run(args, service) {
      const given = args.whole('bytes', 1, most);
      const time = args.whole('seconds', 1, most / 1000);
      const order = {
        mac: args.mac(),
        reason: args.line('reason'),
        key: args.key(),
        ...present({
          plan: args.optionalName('plan'),
          steps: args.whole('steps', 1, most, 'bad_steps'),
          bytes: given === undefined ? undefined : bytes(given),
          millis: time === undefined ? undefined : seconds(time),
        }),
        ...buyer(args),
      };
      return reply(await service.grant(order), viewSession);
    },
  },
  close: {
    args: { id: 'string', mac: 'string', reason: 'string' },
    async run(args, service) {
      const reason = reasonIn(args, 'admin');
      const before = find(args, service);
      // Two tills may close one session: one of them is to give back what is left.
      const already = !isUsable(before);
      const session = (await service.close(before.id, reason))!;
      return { ...viewSession(session), ...restsOf(session, service), ...(already && { already }) };
    },
  },
  logout_user: {
    args: { user: 'string', reason: 'string', idempotency_key: 'string' },
    async run(args, service) {
      const closed = await service.logout(args.user(), args.optionalKey(), reasonIn(args, 'pc-logout'));
      return reply(closed, (sessions) => ({ sessions: sessions.map(viewSession) }));
    },
  },
  quote: {
    args: { plan: 'string', steps: 'integer', amount: 'string', currency: 'string', method: 'string' },
    run(args, service) {
      const order = {
        plan: args.name('plan'),
        ...present({
          steps: args.whole('steps', 1, most, 'bad_steps'),
          amount: args.string('amount'),
          currency: args.optionalName('currency'),
        }),
      };
      return reply(service.quote(order, args.optionalName('method')), viewQuote);
    },
  },
  reload: {
    args: {},
    run: (_args, service) => service.reload(),
  },
  damage_acknowledge: {
    args: {},
    run: async (_args, service) => ({ acknowledged: await service.acknowledgeDamage() }),
  },
};

function reasonIn(args: Arguments, otherwise: Cause): Cause {
  const reason = (args.string('reason') ?? otherwise) as Cause;
  if (closeReasons.includes(reason)) return reason;
  throw new BadArgument('bad_reason', `reason must be one of ${closeReasons.join(', ')}`);
}

/** What goes back to the vouchers of a session that is over: their holders have the codes. */
function restsOf({ lots }: Session, service: Service): View {
  const named = new Set(lots.flatMap(({ funding }) => funding.voucher ?? []));
  const vouchers = [...named].flatMap((name) => {
    for (const voucher of service.vouchers.list(name.split('-')[0]))
      if (voucherId(voucher) === name && voucherState(voucher, service.now()) === 'partly_used')
        return [{ id: name, remaining: viewAllotment(voucher.remaining) }];
    return [];
  });
  return vouchers.length > 0 ? { vouchers } : {};
}

function viewQuote(quote: {
  plan: { id: string };
  steps: number;
  allotment: Parameters<typeof viewAllotment>[0];
  price: Parameters<typeof viewMoney>[0];
  payment: readonly { method: string; price: Parameters<typeof viewMoney>[0]; requirements?: object }[];
}): View {
  return {
    plan: quote.plan.id,
    steps: quote.steps,
    allotment: viewAllotment(quote.allotment),
    price: viewMoney(quote.price),
    payment: quote.payment.map(({ method, price, requirements }) => ({
      method,
      ...viewMoney(price),
      ...(requirements && { requirements }),
    })),
  };
}

function buyer(args: Arguments) {
  return {
    ...(args.has('user') && { user: args.user() }),
    ...present({ gateway: args.optionalName('gateway') }),
  };
}
