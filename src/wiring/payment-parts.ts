import type { Session } from '../domain/session.js';
import type { Engine } from '../engine/engine.js';
import type { OrderDesk } from '../engine/order-desk.js';
import type { PaymentParts } from '../ports/payment-method.js';
import { FileSafe } from '../store/safe.js';
import type { DamageTeller } from './damage-teller.js';

/** What ways to pay need of the daemon. `directory`: of the journal, where their money is, too. */
export function paymentPartsOf(
  engine: Engine,
  orders: Pick<OrderDesk, 'confirm'>,
  directory: string,
  { log, damaged }: DamageTeller,
): Omit<PaymentParts, 'changed' | 'methods'> {
  const { book } = engine.accounts;
  return {
    ...{ clock: engine.clock, log },
    confirm: (billing, paid) => orders.confirm(billing, paid),
    deposits: () => book.deposits.open(),
    safe: (file) => FileSafe.open(directory, file, damaged),
    sessionOf(key) {
      // The oldest keys are forgotten, their sessions' lots are not.
      const [id = idOf(book.all(), key)] = book.keys.get(key)?.sessions ?? [];
      return id === undefined ? undefined : engine.accounts.upToDate(id);
    },
  };
}

function idOf(sessions: Iterable<Session>, key: string): string | undefined {
  for (const { id, lots } of sessions) if (lots.some((lot) => lot.key === key)) return id;
  return undefined;
}
