import { encodeFunctionData } from 'viem/utils';
import { sessionEscrowAbi } from '../payments/wallet/abi.js';
import type { Block } from '../payments/wallet/node-replies.js';
import { RpcError } from '../payments/wallet/rpc.js';
import { chargeDigest, consumeDigest, type Hex } from '../payments/wallet/typed-data.js';
import type { ConsumeReply } from '../payments/wallet/wire.js';
import { FacilitatorError } from './error.js';
import type { Goal, Reached } from './goal.js';
import type { Network } from './network.js';
import { type ConsumeOrder, requestOf } from './requests.js';

/**
 * Charges units of those that a buyer has signed: as many as a signature of the seller names.
 * @throws {@link FacilitatorError} for a wrong signature; `RpcError`
 */
export async function consumeGoal(network: Network, order: ConsumeOrder): Promise<Goal> {
  const { sessionId, buyerSignature, signature } = order;
  const { buyer, seller } = await network.parties(sessionId);
  const { separator } = network.chain;
  const byKey = await network.checkSignature(buyer, consumeDigest(separator, order), buyerSignature);
  const joins = (await network.checkSignature(seller, chargeDigest(separator, order), signature)) && byKey;
  return {
    network,
    request: requestOf('consume', network.id, sessionId, order),
    seller,
    ...(!byKey && { buyer }),
    data: callOf(order),
    joins,
    runsCode: !joins,
    look: (block) => look(network, order, block),
    // Estimating the gas runs the contract's own checks of the total and the amount.
    admit: async (block) => {
      if (!byKey) network.allowance.mustTrust(buyer);
      await admit(network, order, block);
    },
  };
}

function callOf(order: ConsumeOrder): Hex {
  const { sessionId, units, unitsUsedBefore, nonce, buyerSignature, consumedAmount, signature } = order;
  const total = [units, unitsUsedBefore, buyerSignature, nonce] as const;
  const args = [sessionId, consumedAmount, signature, ...total] as const;
  return encodeFunctionData({ abi: sessionEscrowAbi, functionName: 'consumeUnitsAt', args });
}

async function admit(network: Network, order: ConsumeOrder, block: Block): Promise<void> {
  const session = await network.chain.session(order.sessionId, block);
  if (!session) throw new FacilitatorError('unknown_session', 'there is no such session on this network');
  const { minCharge } = network.config.tokens[session.token]!;
  const added = order.consumedAmount - session.unitsUsed * session.pricePerUnit;
  // The last of a deposit is charged, however little it is.
  if (added < minCharge && order.consumedAmount < session.totalDeposit)
    throw new FacilitatorError(
      'below_minimum',
      `consumedAmount: it adds ${added}, and the least is ${minCharge}`,
    );
}

async function look(network: Network, order: ConsumeOrder, block: Block): Promise<Reached | undefined> {
  const { sessionId, nonce } = order;
  const session = await network.chain.session(sessionId, block);
  if (!session) throw new FacilitatorError('unknown_session', 'there is no such session on this network');
  const { consumedAmount: amount } = order;
  const { pricePerUnit } = session;
  if (session.unitsUsed * pricePerUnit < amount) {
    if (session.closed) throw new FacilitatorError('session_closed', 'the session is closed');
    return undefined;
  }
  // A signature may be charged in several parts: its newest event may be for a larger amount than this order's.
  const event = await network.chain.event('UnitsConsumed', sessionId, block, { nonce });
  if (event === undefined || (event.args.unitsUsed as bigint) * pricePerUnit !== amount) {
    await mustAgree(network, sessionId, session.unitsUsed, block);
    throw new FacilitatorError('stale_units', `${session.unitsUsed} units are consumed already`);
  }
  const { transaction, block: blockNumber, args } = event;
  return {
    blockNumber,
    reply: {
      success: true,
      transaction,
      unitsConsumed: `${args.units}`,
      totalConsumed: `${amount}`,
      unitsUsed: `${args.unitsUsed}`,
      remaining: `${session.totalDeposit - amount}`,
    } satisfies ConsumeReply,
  };
}

/**
 * A refusal is for good, so the node must agree with itself: while it builds a block, it may answer with that block's
 * state and without its events.
 * @throws `RpcError` when the newest event is not the one that made the state
 */
async function mustAgree({ chain }: Network, sessionId: Hex, used: bigint, block: Block): Promise<void> {
  const newest = await chain.event('UnitsConsumed', sessionId, block);
  // Without an event that is found, the session's beginning tells whether the search went back far enough.
  const isTorn = newest
    ? newest.args.unitsUsed !== used
    : used > 0n && (await chain.event('SessionCreated', sessionId, block)) !== undefined;
  if (isTorn) throw new RpcError('unreachable', 'the node speaks of two blocks at once');
}
