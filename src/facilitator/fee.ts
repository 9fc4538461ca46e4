import { parseTransaction } from 'viem/utils';
import type { Chain } from '../payments/wallet/session-chain.js';
import type { Hex } from '../payments/wallet/typed-data.js';
import { FacilitatorError } from './error.js';
import type { Goal } from './goal.js';
import type { Call, Fee } from './signer.js';

/** Room for the base fee to double: it rises by an eighth a block at most (EIP-1559). */
const baseFeeRoom = 2n;
/** Nodes take a replacement that pays a tenth more, some an eighth; this is more than both. */
const [raiseBy, raiseOf] = [5n, 4n];

/**
 * Gas that a call may need, with room for what changes until it is mined.
 * @throws `RpcError` for one that would revert; {@link FacilitatorError} `refused_by_chain` for one that needs too much
 */
export async function gasOf({ network, data, to }: Pick<Goal, 'network' | 'data' | 'to'>): Promise<bigint> {
  const { chain, config, signers } = network;
  const gas = ((await chain.estimate(signers[0]!.address, data, to)) * 5n) / 4n;
  if (gas > config.gasLimit) throw new FacilitatorError('refused_by_chain', `it needs ${gas} gas`);
  return gas;
}

/** The fee that the node suggests. @throws {@link FacilitatorError} `overloaded` when gas costs more than `most` wei. */
export async function suggestFee(chain: Chain, most: bigint): Promise<Fee> {
  const { baseFee } = await chain.latest();
  if (baseFee > most) throw new FacilitatorError('overloaded', 'gas is too dear at present');
  const tip = await chain.quantity('eth_maxPriorityFeePerGas');
  const max = least(baseFee * baseFeeRoom + tip, most);
  return { max, tip: least(tip, max) };
}

/** The same call, paid better; undefined when it would cost more than `most`, or the transaction cannot be read. */
export function higherFee(
  raw: Hex,
  fresh: Fee,
  most: bigint,
): { readonly call: Omit<Call, 'operation'>; readonly fee: Fee } | undefined {
  const { to, data, gas, maxFeePerGas, maxPriorityFeePerGas = 0n } = parseTransaction(raw);
  if (!to || data === undefined || gas === undefined || maxFeePerGas === undefined) return undefined;
  const max = greatest(raised(maxFeePerGas), fresh.max);
  const tip = greatest(raised(maxPriorityFeePerGas), fresh.tip);
  return max > most ? undefined : { call: { to, data, gas }, fee: { max, tip: least(tip, max) } };
}

function raised(fee: bigint): bigint {
  return (fee * raiseBy) / raiseOf + 1n;
}

function least(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}

function greatest(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}
