import type { Mac } from '../domain/mac.js';
import type { Method } from './method.js';
import { reply } from './reply.js';
import type { Service } from './service.js';
import { type View, viewMoney } from './view.js';

/** Methods around money that is a token. */
export const tokens: Readonly<Record<string, Method>> = {
  cashu_export: {
    args: { written: 'string' },
    async run(args, service) {
      return reply(await service.takeOut(args.optionalName('written')), (out) =>
        out ? { id: out.id, mint: out.place, ...viewMoney(out.money), token: out.token } : {},
      );
    },
  },
};

/** An answer to a customer, with what is given back to them, where there is anything. */
export async function withReturned(view: View, service: Service, mac: Mac): Promise<View> {
  const returned = await service.returned(mac);
  if (returned.length === 0) return view;
  const tokens = returned.map(({ reference, money, token }) => ({ reference, ...viewMoney(money), token }));
  return { ...view, returned: tokens };
}

/** What payment methods hold, where there are such. */
export function viewHeld(service: Service): View {
  const held = service.held();
  if (held.length === 0) return {};
  const purses = held.map(({ method, place, seller, inUse, customers, paidOut, onItsWay }) => ({
    ...{ method, place, currency: seller.currency },
    seller: viewMoney(seller).amount,
    in_use: viewMoney(inUse).amount,
    customers: viewMoney(customers).amount,
    paid_out: viewMoney(paidOut).amount,
    on_its_way: viewMoney(onItsWay).amount,
  }));
  return { purses };
}
