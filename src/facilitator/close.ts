import { encodeFunctionData } from 'viem/utils';
import { sessionEscrowAbi } from '../payments/wallet/abi.js';
import type { Block } from '../payments/wallet/node-replies.js';
import type { ChainSession } from '../payments/wallet/session-chain.js';
import {
  type Address,
  closeDigest,
  consumeDigest,
  type Hex,
  requestCloseDigest,
} from '../payments/wallet/typed-data.js';
import type { CloseReply, CloseRequestedReply } from '../payments/wallet/wire.js';
import { FacilitatorError } from './error.js';
import type { Goal, Reached } from './goal.js';
import type { Network } from './network.js';
import { type CloseOrder, requestOf } from './requests.js';

/** `CLOSING_PERIOD` of the escrow, in seconds. */
const closingPeriod = 3600n;

/** A call, and whether it may share its transaction. */
type Joining = Required<Pick<Goal, 'data' | 'joins'>>;

/**
 * A session that is to be closed: with the seller's signature, or without one where anybody may close. The buyer's
 * signature only requests the close, which the seller has an hour to answer.
 * @throws {@link FacilitatorError} for a wrong signature; `RpcError`
 */
export function closeGoal(network: Network, order: CloseOrder): Promise<Goal> {
  return order.role === 'buyer' ? requestGoal(network, order) : settleGoal(network, order);
}

async function settleGoal(network: Network, order: CloseOrder): Promise<Goal> {
  const { sessionId, signature } = order;
  const { seller } = await network.parties(sessionId);
  if (order.consume && !(signature && order.consumedAmount !== undefined))
    throw new FacilitatorError('bad_request', 'consume: the seller must sign an amount');
  if (signature === undefined) await mustBeClosable(network, sessionId);
  const signed = signature && (await signedClose(network, order, seller, signature));
  const { data, joins } = signed || { data: closeCall(sessionId), joins: true };
  const unsigned = { network: network.id, sessionId };
  return {
    network,
    // Without a signature nothing else in the order counts.
    seller,
    request: requestOf('close', network.id, sessionId, order, signature ? order : unsigned),
    data,
    joins,
    runsCode: !joins,
    look: (block) => lookClosed(network, sessionId, block),
    admit: async () => {},
  };
}

/** Whoever brings no signature does not stand in a session's queue for what the contract would refuse. */
async function mustBeClosable(network: Network, sessionId: Hex): Promise<void> {
  const { closed, closableAt } = await network.session(sessionId);
  const { timestamp } = await network.chain.latest();
  // The next block is of now: an idle chain's newest one may be long ago.
  const wall = BigInt(Math.floor(Date.now() / 1000));
  if (!closed && timestamp < closableAt && wall < closableAt)
    throw new FacilitatorError('not_closable_yet', `without the seller's signature not before ${closableAt}`);
}

async function requestGoal(network: Network, order: CloseOrder): Promise<Goal> {
  const { sessionId, signature } = order;
  if (!signature) throw new FacilitatorError('bad_request', 'signature: the buyer must sign');
  const { buyer, seller } = await network.parties(sessionId);
  const digest = requestCloseDigest(network.chain.separator, sessionId);
  const byKey = await network.checkSignature(buyer, digest, signature);
  const data = encodeFunctionData({
    abi: sessionEscrowAbi,
    functionName: 'requestCloseWithSignature',
    args: [sessionId, signature],
  });
  return {
    network,
    seller,
    // A key can sign the same in many ways: another signature is no other request.
    request: requestOf('request_close', network.id, sessionId, order, { network: network.id, sessionId }),
    ...(!byKey && { buyer }),
    runsCode: !byKey,
    data,
    look: (block) => lookRequested(network, sessionId, block),
    admit: async () => {
      if (!byKey) network.allowance.mustTrust(buyer);
    },
  };
}

function closeCall(sessionId: Hex): Hex {
  return encodeFunctionData({ abi: sessionEscrowAbi, functionName: 'closeSession', args: [sessionId] });
}

async function signedClose(
  network: Network,
  order: CloseOrder,
  seller: Address,
  signature: Hex,
): Promise<Joining> {
  const { sessionId } = order;
  const consumedAmount = order.consumedAmount ?? (await consumedOf(network, sessionId));
  const byKey = await network.checkSignature(
    seller,
    closeDigest(network.chain.separator, { sessionId, consumedAmount }),
    signature,
  );
  if (order.consume) {
    const all = await chargedClose(network, sessionId, consumedAmount, signature, order.consume);
    return { ...all, joins: all.joins && byKey };
  }
  const args = [sessionId, consumedAmount, signature] as const;
  const functionName = 'closeSessionWithSignature';
  return { data: encodeFunctionData({ abi: sessionEscrowAbi, functionName, args }), joins: byKey };
}

/** Charges the part of the signed total that the seller asks for, and closes the session, in one call. */
async function chargedClose(
  network: Network,
  sessionId: Hex,
  amount: bigint,
  sellerSignature: Hex,
  total: NonNullable<CloseOrder['consume']>,
): Promise<Joining> {
  const { units, unitsUsedBefore, nonce, buyerSignature } = total;
  const { buyer } = await network.parties(sessionId);
  const digest = consumeDigest(network.chain.separator, { sessionId, units, unitsUsedBefore, nonce });
  const joins = await network.checkSignature(buyer, digest, buyerSignature);
  const data = encodeFunctionData({
    abi: sessionEscrowAbi,
    functionName: 'closeSessionAt',
    args: [sessionId, amount, sellerSignature, units, unitsUsedBefore, buyerSignature, nonce],
  });
  return { data, joins };
}

async function consumedOf(network: Network, sessionId: Hex): Promise<bigint> {
  const { unitsUsed, pricePerUnit } = await network.session(sessionId);
  return unitsUsed * pricePerUnit;
}

async function lookClosed(network: Network, sessionId: Hex, block: Block): Promise<Reached | undefined> {
  const session = await known(network, sessionId, block);
  if (!session.closed) return undefined;
  const event = await network.chain.mustFind('SessionClosed', sessionId, block);
  network.remember(sessionId, session);
  const { transaction, block: blockNumber, args } = event;
  const { sellerAmount, buyerRefund } = args as { sellerAmount: bigint; buyerRefund: bigint };
  const amounts = { sellerAmount: `${sellerAmount}`, buyerRefund: `${buyerRefund}` };
  return { blockNumber, reply: { success: true, transaction, ...amounts } satisfies CloseReply };
}

/**
 * Where anybody may close the session before a request would let them, the request changes nothing: none is sent, and
 * there is no block that would have to be confirmed.
 */
async function lookRequested(network: Network, sessionId: Hex, block: Block): Promise<Reached | undefined> {
  const session = await known(network, sessionId, block);
  if (session.closed) throw new FacilitatorError('session_closed', 'the session is closed');
  const soon = session.closableAt <= block.timestamp + closingPeriod;
  if (!session.closeRequested && !soon) return undefined;
  network.remember(sessionId, session);
  const isRequested = session.closeRequested;
  const event = isRequested ? await network.chain.event('CloseRequested', sessionId, block) : undefined;
  const transaction = event && { transaction: event.transaction };
  const reply = { success: true, ...transaction, closableAt: Number(session.closableAt) } as const;
  return { blockNumber: event?.block ?? 0n, reply: reply satisfies CloseRequestedReply };
}

async function known(network: Network, sessionId: Hex, block: Block): Promise<ChainSession> {
  const session = await network.chain.session(sessionId, block);
  if (!session) throw new FacilitatorError('unknown_session', 'there is no such session on this network');
  return session;
}
