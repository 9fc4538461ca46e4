import { Arguments, BadArgument } from './arguments.js';
import { carrying } from './carry.js';
import { deposits } from './deposits.js';
import { devices } from './devices.js';
import type { Method } from './method.js';
import { orders } from './orders.js';
import { payOrders } from './pay-orders.js';
import { queries } from './queries.js';
import { failure } from './reply.js';
import type { Service } from './service.js';
import { setup } from './setup.js';
import { tokens } from './tokens.js';
import type { View } from './view.js';
import { vouchers } from './vouchers.js';

/** The name under which turnpike is known on ubus. */
export const objectPath = 'turnpike';

/** All methods of the ubus object. */
export const methods: Readonly<Record<string, Method>> = {
  ...queries,
  ...orders,
  ...vouchers,
  ...carrying,
  ...devices,
  ...deposits,
  ...setup,
  ...tokens,
  ...payOrders,
};

/**
 * Answers one call. Every business failure is an answer, `{ error: { code, message } }`, because `ubus call`
 * prints its usage text for a status other than 0.
 */
export async function answer(
  method: Method,
  given: Readonly<Record<string, unknown>>,
  service: Service,
): Promise<View> {
  try {
    return await method.run(new Arguments(given, method.args), service);
  } catch (cause) {
    if (cause instanceof BadArgument) return failure(cause);
    service.log('error', `call failed: ${cause instanceof Error ? cause.stack : cause}`);
    return failure({ code: 'internal', message: 'something went wrong in turnpike: see its log' });
  }
}
