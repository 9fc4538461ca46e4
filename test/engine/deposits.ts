// A router with a backend that does what the test wants, and a customer who pays with it.
import type { Deposit } from '../../src/domain/deposit.js';
import type { Session } from '../../src/domain/session.js';
import type { Result } from '../../src/ports/result.js';
import { TestBackend } from './chain.js';
import { TestPortal } from './portal.js';
import { mac, type World, world } from './world.js';

export const one = mac(1);

export async function ready(): Promise<{ w: World; chain: TestBackend }> {
  const w = await world([new TestPortal('lan')]);
  const chain = new TestBackend();
  w.backends = [chain];
  await w.crash();
  w.portal.join(one);
  await w.clock.pass(1001);
  return { w, chain };
}

/** `data`: 1000 bytes a step for 0.50. */
export function pay(
  w: World,
  id: string,
  over: Record<string, unknown> = {},
  payment: Record<string, unknown> = {},
) {
  const full = { method: 'x402r-session', id, ...payment };
  const order = { mac: one, plan: 'data', steps: 10, payment: full, key: `key of ${id}` };
  return w.commands.purchase({ ...order, ...over });
}

export const depositOf = (w: World, id: string) => w.engine.accounts.book.deposits.get(id) as Deposit;

export function value(result: Result<Session>): Session {
  if (!result.ok) throw new Error(`${result.code}: ${result.message}`);
  return result.value;
}
