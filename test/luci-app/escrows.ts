// Deposits as the daemon keeps them, for the page that shows them: the answer is made by the API itself.

import type { Table } from 'openwrt-ubus';
import { answer, methods } from '../../src/api/control.js';
import type { Service } from '../../src/api/service.js';
import type { Deposit, DepositState } from '../../src/domain/deposit.js';
import { lotOf } from '../../src/domain/lot.js';
import { toPlainLot } from '../../src/domain/plain-lot.js';
import { plan } from '../engine/world.js';

/** A note that would be a picture, and run a script, if a page took it for HTML. */
export const evil = '<img src=x onerror=alert(1)>';

const price = 1_234_567n;

/** The hash of a transaction. */
export const hash = (n: number) => `0x${n.toString(16).padStart(64, 'ab')}`;

/** A deposit for 10 steps of 1.234567 USDC; `n` is its age in hours, back from a fixed day. */
export function escrowOf(n: number, state: DepositState, over: Partial<Deposit> = {}): Deposit {
  const at = Date.UTC(2026, 10, 20) - n * 3_600_000;
  const mac = `02:00:00:00:01:${(n % 250).toString(16).padStart(2, '0')}`;
  const paid = { currency: 'USDC', decimals: 6, amount: 10n * price };
  const funding = { method: 'x402r-session', reference: `d${n}`, deposit: `d${n}`, paid };
  const lot = toPlainLot(lotOf(plan('data'), 10, funding, { at, key: `k${n}` }));
  const isThere = !['opening', 'open-unknown', 'rejected'].includes(state);
  return {
    id: `d${n}`,
    method: 'x402r-session',
    state,
    order: { id: `d${n}`, buyer: '0xb', units: '10', unitPrice: `${price}`, payload: {} },
    sale: { mac, key: `k${n}`, digest: '', lot },
    signed: { units: '6', proof: null },
    final: isThere,
    consumed: '0',
    note: '',
    at,
    ...(isThere && {
      session: `s${n}`,
      opened: { reference: '0xr', transaction: hash(n), final: false },
    }),
    ...(state === 'closed' && {
      closed: { transaction: hash(n + 1000), sellerAmount: `${4n * price}`, buyerRefund: `${6n * price}` },
    }),
    ...over,
  };
}

/** One of each kind, oldest first. */
export function sample(): Deposit[] {
  return [
    escrowOf(5, 'rejected', { note: 'insufficient_funds: told to' }),
    escrowOf(4, 'closed'),
    escrowOf(3, 'disputed', { due: '6', note: evil }),
    escrowOf(2, 'close-unknown', { due: '5', consumed: '2', note: 'nobody answers' }),
    escrowOf(1, 'active'),
  ];
}

/** What the daemon answers when it has these deposits, oldest first. */
export function listing(escrows: () => readonly Deposit[]): (args: Table) => Promise<Table> {
  const service = { deposits: () => escrows() } as unknown as Service;
  return async (args) => (await answer(methods.deposits!, args, service)) as Table;
}
