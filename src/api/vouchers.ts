import { type Batch, type Voucher, voucherId, voucherState } from '../domain/voucher.js';
import { BadArgument } from './arguments.js';
import { listArguments, listed } from './listing.js';
import type { Method } from './method.js';
import { reply } from './reply.js';
import type { VoucherService } from './service.js';
import { type View, viewAllotment, viewMoney, viewSession } from './view.js';

const mostInBatch = 500;
const mostListed = 500;
const states = ['unused', 'in_use', 'partly_used', 'spent', 'expired', 'void'];
const idForm = /^([a-z0-9]{1,16})(?:-([1-9]\d{0,3}))?$/;

/** Methods around vouchers. Codes are in the answers of `voucher_create` and `voucher_codes`, and nowhere else. */
export const vouchers: Readonly<Record<string, Method>> = {
  voucher_create: {
    args: {
      plan: 'string',
      steps: 'integer',
      count: 'integer',
      valid_until: 'integer',
      single_use: 'boolean',
      digits: 'boolean',
      reprint: 'boolean',
      idempotency_key: 'string',
    },
    async run(args, service) {
      const count = args.whole('count', 1, mostInBatch);
      if (count === undefined) throw new BadArgument('bad_argument', 'count is missing');
      const steps = args.whole('steps', 1, Number.MAX_SAFE_INTEGER, 'bad_steps');
      const until = args.whole('valid_until', 1, 1e11);
      const made = await service.vouchers.create({
        plan: args.name('plan'),
        count,
        reuse: !args.flag('single_use', false),
        key: args.key(),
        ...(args.flag('digits', false) && { digits: true as const }),
        ...(args.flag('reprint', false) && { reprint: true as const }),
        ...(steps !== undefined && { steps }),
        ...(until !== undefined && { validUntil: until * 1000 }),
      });
      return reply(made, viewBatch(service.vouchers));
    },
  },
  voucher_codes: {
    args: { batch: 'string' },
    async run(args, service) {
      return reply(await service.vouchers.codes(args.name('batch')), viewBatch(service.vouchers));
    },
  },
  voucher_redeem: {
    args: { code: 'string', mac: 'string', user: 'string', gateway: 'string' },
    async run(args, service) {
      const gateway = args.optionalName('gateway');
      const target = {
        mac: args.mac(),
        ...(args.has('user') && { user: args.user() }),
        ...(gateway !== undefined && { gateway }),
      };
      return reply(await service.vouchers.redeem(args.string('code') ?? '', target), viewSession);
    },
  },
  voucher_void: {
    args: { id: 'string' },
    async run(args, service) {
      const [, batch, number] = idForm.exec(args.string('id') ?? '') ?? [];
      if (batch === undefined) throw new BadArgument('unknown_voucher', 'id is that of a batch or a voucher');
      const done = await service.vouchers.cancel(batch, number === undefined ? undefined : Number(number));
      return reply(done, (count) => ({ voided: count }));
    },
  },
  vouchers: {
    args: { batch: 'string', state: 'string', ...listArguments },
    run(args, service) {
      const state = args.string('state');
      if (state !== undefined && !states.includes(state)) {
        throw new BadArgument('bad_argument', `state must be one of ${states.join(', ')}`);
      }
      const now = service.now();
      const titles = new Map([...service.plans()].map(({ id, title }) => [id, title]));
      const { page, next, matching } = listed<Voucher>(args, {
        all: service.vouchers.list(args.optionalName('batch')),
        id: voucherId,
        wanted: (v) => state === undefined || voucherState(v, now) === state,
        texts: (v) => [
          voucherState(v, now),
          voucherId(v),
          v.batch.goods.plan,
          titles.get(v.batch.goods.plan),
          v.session,
        ],
        sorts: {
          created: (v) => v.batch.at,
          id: voucherId,
          plan: (v) => titles.get(v.batch.goods.plan) ?? v.batch.goods.plan,
          state: (v) => voucherState(v, now),
          valid_until: (v) => v.batch.validUntil ?? Number.MAX_SAFE_INTEGER,
        },
        most: mostListed,
        unknown: 'unknown_voucher',
      });
      const counts = Object.fromEntries(states.map((one) => [one, 0]));
      for (const voucher of matching) counts[voucherState(voucher, now)]! += 1;
      const vouchers = page.map((v) => viewVoucher(v, now, service.vouchers.keeps(v.batch.id)));
      return { vouchers, count: matching.length, states: counts, ...next };
    },
  },
};

function viewBatch(vouchers: VoucherService) {
  return ({ batch, codes }: { readonly batch: Batch; readonly codes: readonly string[] }): View => ({
    batch: batch.id,
    plan: batch.goods.plan,
    steps: batch.goods.steps,
    allotment: viewAllotment(batch.goods.allotment),
    ...(batch.price && { price: viewMoney(batch.price) }),
    ...(batch.validUntil !== undefined && { valid_until: Math.floor(batch.validUntil / 1000) }),
    ...(vouchers.keeps(batch.id) && { reprint: true }),
    codes,
  });
}

function viewVoucher(voucher: Voucher, now: number, isKept: boolean): View {
  const { batch, remaining, redeemed, session } = voucher;
  return {
    id: voucherId(voucher),
    batch: batch.id,
    plan: batch.goods.plan,
    state: voucherState(voucher, now),
    created: Math.floor(batch.at / 1000),
    single_use: !batch.reuse,
    remaining: viewAllotment(remaining),
    redeemed,
    ...(batch.price && { price: viewMoney(batch.price) }),
    ...(batch.validUntil !== undefined && { valid_until: Math.floor(batch.validUntil / 1000) }),
    ...(session !== undefined && { session }),
    ...(isKept && { reprint: true }),
  };
}
