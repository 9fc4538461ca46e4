import { encodeFunctionData, parseAbi } from 'viem/utils';
import type { Block } from '../payments/wallet/node-replies.js';
import { RpcError } from '../payments/wallet/rpc.js';
import { isSignedBy } from '../payments/wallet/signature.js';
import { findUse, transferDigest } from '../payments/wallet/token.js';
import { type Address, type Hex, hashWords } from '../payments/wallet/typed-data.js';
import { admitBuyer } from './buyer.js';
import { FacilitatorError } from './error.js';
import { gasOf } from './fee.js';
import type { Goal, Reached } from './goal.js';
import type { Journal } from './journal.js';
import type { Network } from './network.js';
import { isBegun, type Request } from './operation.js';
import type { Operations } from './operations.js';
import { type PaymentOrder, requestOf } from './requests.js';

const abi = parseAbi([
  'function transferWithAuthorization(address from, address to, uint256 value, uint256 validAfter, uint256 validBefore, bytes32 nonce, uint8 v, bytes32 r, bytes32 s)',
]);

/**
 * A payment of x402's scheme `exact`: tokens go from the buyer to the seller by EIP-3009.
 *
 * Its operation is named by what the buyer signed, not by the signature: a key can sign the same in many ways. So every
 * request has its signature checked, also the repeat of one that was carried out.
 * @throws {@link FacilitatorError} for a wrong order; `RpcError`
 */
export async function settleGoal(network: Network, order: PaymentOrder, journal: Journal): Promise<Goal> {
  const { authorization } = order.paymentPayload.payload;
  const { asset, payTo: seller } = order.paymentRequirements;
  mustFit(network, order);
  const { from, nonce } = authorization;
  const paymentId = hashWords(network.chain.chainId, asset, from, nonce);
  const asked = { network: network.id, asset, authorization };
  const request = requestOf('settle', network.id, paymentId, order, asked);
  // What was begun is carried on, whomever the configuration serves by now.
  if (!isBegun(journal.operation(request.id))) mustServe(network, order);
  await mustBeSigned(network, order);
  return {
    network,
    request,
    seller,
    buyer: from,
    runsCode: network.config.smartWallets,
    to: asset,
    data: callOf(order),
    look: (block) => look(network, order, journal, request, block),
    admit: (block) => admitBuyer(network, { asset, authorization, isSigned: async () => {} }, block),
  };
}

/**
 * Whether a payment would be settled now. One that was given to this server before is not: it pays for one purchase.
 * @throws {@link FacilitatorError} when it would not; `RpcError`
 */
export async function verify(goal: Goal, operations: Operations): Promise<void> {
  const { network, request, seller, look, admit } = goal;
  const { chain, allowance } = network;
  if (operations.isBegun(request.id)) throw used();
  await chain.check();
  const block = await chain.latest();
  if (await look(block)) throw used();
  await admit(block);
  allowance.mustHave(seller, request.kind, await gasOf(goal));
}

/** Whether requirements, envelope and authorization are of the same payment. */
function mustFit({ id }: Network, { paymentPayload, paymentRequirements: asked }: PaymentOrder): void {
  const { accepted, payload } = paymentPayload;
  const isExact = asked.scheme === 'exact' && accepted.scheme === 'exact';
  if (!isExact) throw new FacilitatorError('unsupported_type', 'only the scheme exact is served');
  if (accepted.network !== id || asked.network !== id)
    throw new FacilitatorError('wrong_network', 'payload and requirements differ');
  if (payload.authorization.to !== asked.payTo)
    throw new FacilitatorError('wrong_payee', `the payee must be ${asked.payTo}`);
  if (payload.authorization.value !== asked.amount)
    throw new FacilitatorError('bad_terms', `the value must be ${asked.amount}`);
}

function mustServe({ config, allowance }: Network, { paymentRequirements: asked }: PaymentOrder): void {
  const token = config.tokens[asked.asset];
  if (!token) throw new FacilitatorError('unknown_token', `${asked.asset} is not taken here`);
  allowance.mustServe(asked.payTo);
  // It is a deposit and a charge at once.
  const least = token.minDeposit > token.minCharge ? token.minDeposit : token.minCharge;
  if (asked.amount < least) throw new FacilitatorError('below_minimum', `amount: the least is ${least}`);
}

/** Keys only: the call that every token with EIP-3009 has takes no other signature. */
async function mustBeSigned({ chain }: Network, order: PaymentOrder): Promise<void> {
  const { authorization, signature } = order.paymentPayload.payload;
  const digest = transferDigest(await chain.tokenSeparator(order.paymentRequirements.asset), authorization);
  if (await isSignedBy(authorization.from, digest, signature)) return;
  throw new FacilitatorError('bad_signature', `it is not signed by ${authorization.from}`);
}

function callOf({ paymentPayload: { payload } }: PaymentOrder): Hex {
  const { from, to, value, validAfter, validBefore, nonce } = payload.authorization;
  const [r, s]: Hex[] = [`0x${payload.signature.slice(2, 66)}`, `0x${payload.signature.slice(66, 130)}`];
  const v = Number(`0x${payload.signature.slice(130)}`);
  const args = [from, to, value, validAfter, validBefore, nonce, v, r!, s!] as const;
  return encodeFunctionData({ abi, functionName: 'transferWithAuthorization', args });
}

/**
 * Whether the payment is made. One that was made without this server is refused: its authorization can be read on the
 * chain, so anybody could present it again.
 */
async function look(
  { chain, id }: Network,
  order: PaymentOrder,
  journal: Journal,
  request: Request,
  block: Block,
): Promise<Reached | undefined> {
  const { asset, payTo, amount } = order.paymentRequirements;
  const { from, nonce, validAfter } = order.paymentPayload.payload.authorization;
  if (!(await chain.isAuthorizationUsed(asset, from, nonce, block))) return undefined;
  const reachedBy = (transaction: Hex, blockNumber: bigint): Reached => ({
    blockNumber,
    reply: { success: true, transaction, network: id, payer: from, amount: `${amount}` } satisfies Settled,
  });
  for (const hash of journal.hashesOf(request.id)) {
    const receipt = await chain.receipt(hash);
    if (receipt?.ok) return reachedBy(hash, receipt.block);
  }
  if (!isBegun(journal.operation(request.id))) throw used();
  // Somebody was quicker than the transaction of this server.
  const use = await findUse(chain, asset, from, nonce, validAfter);
  if (use === undefined) throw new RpcError('unreachable', 'the node does not show how it was used');
  if (use === 'cancelled' || use.to !== payTo || use.value !== amount) throw used();
  return reachedBy(use.transaction, use.block);
}

/** The reply to a payment that is made. */
interface Settled {
  readonly success: true;
  readonly transaction: Hex;
  /** CAIP-2. */
  readonly network: string;
  readonly payer: Address;
  /** In the token's smallest unit. */
  readonly amount: string;
}

function used(): FacilitatorError {
  return new FacilitatorError(
    'nonce_already_used',
    'the authorization was used, is being used, or cancelled',
  );
}
