import { readFile } from 'node:fs/promises';
import { requestText } from '../../http/request.js';
import type { PaymentParts, Payments } from '../../ports/payment-method.js';
import { Buyer } from './buyer.js';
import { gatewayIn } from './gateway.js';
import type { UpstreamPurchaseConfig } from './section.js';

/** Where TollGates sell (HTTP-01). */
const port = 2121;
/** Time limit of a request, in ms: a seller asks its mint before it answers. */
const callLimitMs = 20_000;

/** Asks at a path of whoever sells; `body`: a token. */
export type Asking = (path: string, body?: string) => ReturnType<typeof requestText>;

/** Buys the router's own Internet. */
export async function buildUpstream(
  config: UpstreamPurchaseConfig,
  parts: PaymentParts,
  ask: Asking = (path, body) => askGateway(config.address, path, body),
): Promise<Payments> {
  const buyer = new Buyer(config, parts, ask);
  buyer.start();
  return buyer;
}

async function askGateway(address: string | undefined, path: string, body?: string) {
  const to = address ?? gatewayIn(await readFile('/proc/net/route', 'utf8').catch(() => ''));
  if (to === undefined) throw new NoGatewayError();
  return requestText(`http://${to}:${port}${path}`, callLimitMs, body);
}

/** There is nobody to buy from. */
export class NoGatewayError extends Error {
  override readonly name = 'NoGatewayError';

  constructor() {
    super('there is no default route with a gateway');
  }
}
