import { encodeFunctionData, numberToHex, parseAbi, parseErc6492Signature } from 'viem/utils';
import { RpcError } from '../payments/wallet/rpc.js';
import type { Chain } from '../payments/wallet/session-chain.js';
import type { Address, Hex } from '../payments/wallet/typed-data.js';
import type { Call, Fee } from './signer.js';

const abi = parseAbi(['function isValidSignature(bytes32 hash, bytes signature) view returns (bytes4)']);
/** Nodes have no common code for it. */
const outOfGas = /out ?of ?gas/i;
/** What a contract answers that accepts a signature (ERC-1271), at the head of a word. */
const accepted = /^0x1626ba7e[0-9a-f]{56}/i;

/**
 * The signature of a wallet that may come with the call that makes the wallet (ERC-6492). That call is for a contract
 * of the buyer's choice: it is never carried out here, so the wallet must be there already.
 */
export function withoutDeployment(signature: Hex): Hex {
  try {
    return parseErc6492Signature(signature).signature;
  } catch {
    // Nothing but the ending is that of ERC-6492: nobody has signed so.
    return signature;
  }
}

/**
 * Whether a contract accepts a signature as its own (ERC-1271), asked as the escrow asks.
 * @param most gas that it may need for that
 * @throws {@link RpcError} when the node does not answer
 */
export async function isAccepted(
  { rpc, escrow }: Pick<Chain, 'rpc' | 'escrow'>,
  wallet: Address,
  signed: { readonly digest: Hex; readonly signature: Hex },
  most: bigint,
): Promise<boolean> {
  const args = [signed.digest, signed.signature] as const;
  const data = encodeFunctionData({ abi, functionName: 'isValidSignature', args });
  try {
    const call = { from: escrow, to: wallet, data, gas: numberToHex(most) };
    return accepted.test(await rpc<Hex>('eth_call', [call, 'pending']));
  } catch (cause) {
    if (cause instanceof RpcError && (cause.code === 'refused' || outOfGas.test(cause.message))) return false;
    throw cause;
  }
}

/**
 * Carries a call out in the next block as it will be sent: by whom, with how much gas, at what price. A contract can see
 * all of that, and think otherwise than when its gas was estimated.
 * @throws {@link RpcError} `refused` when it would fail
 */
export async function rehearse(
  { rpc }: Pick<Chain, 'rpc'>,
  from: Address,
  call: Call,
  fee: Fee,
): Promise<void> {
  const { to, data, gas } = call;
  const price = { maxFeePerGas: numberToHex(fee.max), maxPriorityFeePerGas: numberToHex(fee.tip) };
  await rpc('eth_call', [{ from, to, data, gas: numberToHex(gas), ...price }, 'pending']);
}
