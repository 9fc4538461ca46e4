import type { Block } from '../payments/wallet/node-replies.js';
import type { Address, Authorization } from '../payments/wallet/typed-data.js';
import { FacilitatorError } from './error.js';
import type { Network } from './network.js';

/** A buyer's authorization of EIP-3009, to be used by this server. */
export interface Offered {
  /** The token, in lower case. */
  readonly asset: Address;
  readonly authorization: Authorization;
  /** @throws {@link FacilitatorError} `bad_signature`; `RpcError` */
  isSigned(): Promise<void>;
}

/**
 * Refuses an authorization that the chain would refuse, before gas is paid.
 * @throws {@link FacilitatorError} `not_yet_valid`, `expired_authorization`, `failed_before`, `smart_wallet`,
 * `insufficient_funds` and those of `isSigned`; `RpcError`
 */
export async function admitBuyer(network: Network, offered: Offered, block: Block): Promise<void> {
  const { asset, authorization: a } = offered;
  const wall = BigInt(Math.floor(Date.now() / 1000));
  const now = wall > block.timestamp ? wall : block.timestamp;
  if (a.validAfter >= block.timestamp)
    throw new FacilitatorError('not_yet_valid', 'the authorization is not valid yet');
  if (a.validBefore <= now + network.margins.authorization)
    throw new FacilitatorError('expired_authorization', 'the authorization ends too soon');
  network.allowance.mustTrust(a.from);
  await offered.isSigned();
  await mustBeKey(network, a.from);
  const balance = await network.chain.balance(asset, a.from, block);
  if (balance < a.value)
    throw new FacilitatorError('insufficient_funds', 'the buyer has less than what is to be paid');
}

/** What has code may answer one way when gas is estimated and another when it is paid, also by delegation (EIP-7702). */
async function mustBeKey({ config, chain }: Network, buyer: Address): Promise<void> {
  if (config.smartWallets || !(await chain.isContract(buyer))) return;
  throw new FacilitatorError('smart_wallet', 'the buyer is a contract, or has delegated to one');
}
