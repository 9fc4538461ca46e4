import { encodeFunctionData } from 'viem/utils';
import { sessionEscrowAbi } from '../upstream/escrow/abi.js';
import type { Block } from '../upstream/escrow/session-chain.js';
import { consumeDigest } from '../upstream/escrow/typed-data.js';
import type { ConsumeReply } from '../upstream/escrow/wire.js';
import { FacilitatorError } from './error.js';
import type { Goal, Reached } from './goal.js';
import type { Network } from './network.js';
import { type ConsumeOrder, requestOf } from './requests.js';

/** Units that are to be charged by a buyer's signature. @throws {@link FacilitatorError} for a wrong one; `RpcError` */
export async function consumeGoal(network: Network, order: ConsumeOrder): Promise<Goal> {
  const { sessionId, units, unitsUsedBefore, nonce, buyerSignature } = order;
  const { buyer } = await network.parties(sessionId);
  await network.checkSignature(buyer, consumeDigest(network.chain.separator, order), buyerSignature);
  const data = encodeFunctionData({
    abi: sessionEscrowAbi,
    functionName: 'consumeUnitsFrom',
    args: [sessionId, units, unitsUsedBefore, buyerSignature, nonce],
  });
  return {
    network,
    request: requestOf('consume', network.id, sessionId, order),
    data,
    look: (block) => look(network, order, block),
    // The escrow itself says what is wrong with a signed total, when its gas is estimated.
    admit: async () => {},
  };
}

async function look(network: Network, order: ConsumeOrder, block: Block): Promise<Reached | undefined> {
  const { sessionId, units, unitsUsedBefore, nonce } = order;
  const total = unitsUsedBefore + units;
  const session = await network.chain.session(sessionId, block);
  if (!session) throw new FacilitatorError('unknown_session', 'there is no such session on this network');
  if (session.unitsUsed < total) {
    if (session.closed) throw new FacilitatorError('session_closed', 'the session is closed');
    return undefined;
  }
  const event = await network.chain.event('UnitsConsumed', sessionId, block, nonce);
  if (event?.args.unitsUsed !== total)
    throw new FacilitatorError('stale_units', `${session.unitsUsed} units are consumed already`);
  const { transactionHash: transaction, blockNumber, args } = event;
  const remaining = session.totalDeposit - (args.consumedAmount as bigint);
  return {
    blockNumber,
    reply: {
      success: true,
      transaction,
      unitsConsumed: `${args.units}`,
      totalConsumed: `${total}`,
      remaining: `${remaining}`,
    } satisfies ConsumeReply,
  };
}
