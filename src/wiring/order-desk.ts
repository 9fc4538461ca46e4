import { randomBytes } from 'node:crypto';
import type { Commands } from '../engine/commands.js';
import type { Engine } from '../engine/engine.js';
import { OrderDesk } from '../engine/order-desk.js';
import type { VoucherDesk } from '../engine/vouchers.js';
import type { Safe } from '../ports/safe.js';
import { closedSafe } from '../store/closed-safe.js';
import { StoreError } from '../store/error.js';
import { FileSafe } from '../store/safe.js';
import type { DamageTeller } from './damage-teller.js';

/** The file beside the journal that holds orders, and codes of vouchers that were made for them. */
const ordersFile = 'orders';

/** Opens the orders that earlier runs left. Where they cannot be read, orders alone are refused until the next start. */
export async function openOrderDesk(
  engine: Engine,
  desks: { readonly commands: Commands; readonly vouchers: VoucherDesk },
  directory: string,
  { log, damaged }: DamageTeller,
): Promise<OrderDesk> {
  return new OrderDesk(engine, desks, await openOrders(directory, damaged), randomBytes, log);
}

async function openOrders(directory: string, damaged: (text: string) => void): Promise<Safe> {
  try {
    return await FileSafe.open(directory, ordersFile, damaged);
  } catch (cause) {
    if (!(cause instanceof StoreError)) throw cause;
    damaged(`orders by app or card are refused: ${cause.message}: mend it and restart turnpike`);
    return closedSafe(cause);
  }
}
