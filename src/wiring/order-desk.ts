import { randomBytes } from 'node:crypto';
import type { Commands } from '../engine/commands.js';
import type { Engine } from '../engine/engine.js';
import { OrderDesk } from '../engine/order-desk.js';
import type { VoucherDesk } from '../engine/vouchers.js';
import type { Log } from '../ports/log.js';
import { FileSafe } from '../store/safe.js';

/** The file beside the journal that holds orders, and codes of vouchers that were made for them. */
const ordersFile = 'orders';

/** Opens the orders that earlier runs left. @throws `StoreError` when they cannot be read */
export async function openOrderDesk(
  engine: Engine,
  desks: { readonly commands: Commands; readonly vouchers: VoucherDesk },
  directory: string,
  log: Log,
): Promise<OrderDesk> {
  return new OrderDesk(engine, desks, await FileSafe.open(directory, ordersFile, log), randomBytes, log);
}
