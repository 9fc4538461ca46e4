// What docs/ubus-api.md says of each method. Names and types of arguments come from src/api; a test calls the daemon
// with every example, in this order, and compares what it answers.
import { daemon } from './methods/daemon.mjs';
import { deposits } from './methods/deposits.mjs';
import { payOrders } from './methods/pay-orders.mjs';
import { sales } from './methods/sales.mjs';
import { tokens } from './methods/tokens.mjs';
import { vouchers } from './methods/vouchers.mjs';

/**
 * Each: `does`, the meanings of its arguments, and examples. `elsewhere`: parts of the answer that the daemon of the test has
 * none of, `all` for an example that is read and not called.
 */
export const methods = { ...sales, ...vouchers, ...deposits, ...tokens, ...payOrders, ...daemon };
