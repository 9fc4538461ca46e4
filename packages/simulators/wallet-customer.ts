import type { SessionRequirements } from '../../src/payments/wallet/session/requirements.js';

/** Calls a method of turnpike's ubus object. */
export type Call = (method: string, args: Record<string, unknown>) => Promise<Answer>;

/** What `purchase`, `session` and the like reply. */
export interface Answer {
  readonly id?: string;
  readonly state?: string;
  readonly error?: { readonly code: string; readonly message: string };
  readonly [member: string]: unknown;
}

/** Milliseconds between two questions. */
const waitMs = 20;
/** A chain, a facilitator and a router need far fewer milliseconds for any one thing. */
const limitMs = 60_000;

/**
 * Asks until there is an answer.
 * @throws Error after a minute, or the signal's reason once it is aborted
 */
export async function askUntil<T>(
  what: string,
  ask: () => Promise<T | undefined>,
  signal?: AbortSignal,
): Promise<T> {
  for (const end = performance.now() + limitMs; performance.now() < end; ) {
    signal?.throwIfAborted();
    const answer = await ask();
    if (answer !== undefined) return answer;
    await new Promise((resolve) => setTimeout(resolve, waitMs));
  }
  throw new Error(`${what}: not within ${limitMs / 1000} s`);
}

/** What a wallet has to sign for so many steps of a plan; asked until the router has read the token's name on the chain. */
export function requirementsFor<R = SessionRequirements>(
  call: Call,
  wanted: { readonly plan: string; readonly steps: number },
  method = 'x402r-session',
  signal?: AbortSignal,
): Promise<R> {
  return askUntil(
    `the requirements of ${method}`,
    async () => {
      const { payment } = (await call('quote', wanted)) as {
        payment?: { method: string; requirements: R & { extra: { name?: string } } }[];
      };
      const asked = payment?.find((way) => way.method === method)?.requirements;
      return asked?.extra.name === undefined ? undefined : asked;
    },
    signal,
  );
}

/** Buys until the deposit is known to be there or refused, as a page does: the same order again and again. */
export function buyWithDeposit(
  call: Call,
  order: Record<string, unknown>,
  signal?: AbortSignal,
): Promise<Answer> {
  return askUntil(
    'the deposit of a purchase',
    async () => {
      const answer = await call('purchase', order);
      return answer.error?.code === 'payment_pending' ? undefined : answer;
    },
    signal,
  );
}
