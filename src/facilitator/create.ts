import { encodeFunctionData } from 'viem/utils';
import { sessionEscrowAbi } from '../payments/wallet/abi.js';
import type { Code } from '../payments/wallet/codes.js';
import type { Block } from '../payments/wallet/node-replies.js';
import type { ChainSession, EscrowEvent } from '../payments/wallet/session-chain.js';
import {
  type Authorization,
  authorizationDigest,
  type Hex,
  type SessionTerms,
  sessionIdOf,
  termsHash,
} from '../payments/wallet/typed-data.js';
import type { CreateReply } from '../payments/wallet/wire.js';
import { admitBuyer } from './buyer.js';
import { FacilitatorError } from './error.js';
import type { Goal, Reached } from './goal.js';
import type { Network } from './network.js';
import { type CreateOrder, requestOf } from './requests.js';

/** Opens a session with a buyer's authorization. @throws {@link FacilitatorError} for a wrong order */
export function createGoal(network: Network, order: CreateOrder): Goal {
  const { authorization, signature } = order.paymentPayload;
  checkOrder(network, order);
  network.allowance.mustServe(order.paymentPayload.extensions.session.seller);
  const terms = termsOf(order);
  const { from, validAfter, validBefore } = authorization;
  const { chainId, escrow } = network.chain;
  const sessionId = sessionIdOf(chainId, escrow, from, terms);
  const data = encodeFunctionData({
    abi: sessionEscrowAbi,
    functionName: 'createSessionWithAuthorization',
    args: [terms, { from, validAfter, validBefore, signature }],
  });
  return {
    network,
    request: requestOf('create', network.id, sessionId, order),
    seller: terms.seller,
    buyer: from,
    runsCode: network.config.smartWallets,
    data,
    look: (block) => look(network, sessionId, terms, authorization, block),
    admit: (block) => admit(network, order, block),
  };
}

/** The terms of an order, which must be what the buyer signed as the nonce. */
function termsOf(order: CreateOrder): SessionTerms {
  const { session } = order.paymentPayload.extensions;
  return {
    seller: session.seller,
    token: order.paymentRequirements.asset,
    totalDeposit: order.paymentPayload.authorization.value,
    pricePerUnit: session.pricePerUnit,
    duration: session.duration,
    salt: session.salt,
  };
}

/** Checks everything about an order that can be checked without the chain. */
function checkOrder({ id, config, chain, margins }: Network, order: CreateOrder): void {
  const { paymentPayload: payload, paymentRequirements: asked } = order;
  const { authorization, extensions } = payload;
  const { type, pricePerUnit, maxUnits, duration } = extensions.session;
  demand(type === 'prepaid', 'unsupported_type', 'only prepaid sessions are served');
  demand(payload.network === id && asked.network === id, 'wrong_network', 'payload and requirements differ');
  demand(asked.asset in config.tokens, 'unknown_token', `${asked.asset} is not taken here`);
  demand(authorization.to === chain.escrow, 'wrong_payee', `the payee must be the escrow ${chain.escrow}`);
  demand(authorization.value === asked.amount, 'bad_terms', 'value and amount differ');
  demand(pricePerUnit > 0n && pricePerUnit <= asked.amount, 'bad_terms', 'the deposit must pay for one unit');
  demand(maxUnits === asked.amount / pricePerUnit, 'bad_terms', 'maxUnits must be amount / pricePerUnit');
  const { minDeposit } = config.tokens[asked.asset]!;
  demand(asked.amount >= minDeposit, 'below_minimum', `amount: the least is ${minDeposit}`);
  demand(duration > margins.expiry, 'bad_terms', `duration must be above the margin of ${margins.expiry} s`);
  const nonce = termsHash(termsOf(order));
  demand(
    authorization.nonce === nonce,
    'terms_not_signed',
    `the nonce must be the hash of the terms, ${nonce}`,
  );
}

async function look(
  network: Network,
  sessionId: Hex,
  terms: SessionTerms,
  authorization: Authorization,
  block: Block,
): Promise<Reached | undefined> {
  const { chain } = network;
  const used = await chain.isAuthorizationUsed(terms.token, authorization.from, authorization.nonce, block);
  const session = await chain.session(sessionId, block);
  if (!session) {
    if (used) await refuseUsed(network, sessionId);
    return undefined;
  }
  const event = await chain.mustFind('SessionCreated', sessionId, block);
  demand(
    isAsOrdered(event, session, terms, authorization),
    'refused_by_chain',
    'the session is of other terms',
  );
  network.remember(sessionId, session);
  const { transaction, block: blockNumber } = event;
  const view = network.view(sessionId, session);
  return {
    blockNumber,
    reply: { success: true, sessionId, transaction, session: view } satisfies CreateReply,
  };
}

/**
 * Refuses an authorization that was used without opening this session: the id is made of buyer, token and nonce, so no
 * other use can have opened it. The refusal is for good, so a second, later look must not show the session either:
 * while a node replaces or builds a block, it may answer from before and after that block.
 */
async function refuseUsed({ chain }: Network, sessionId: Hex): Promise<never> {
  const session = await chain.session(sessionId, await chain.latest());
  demand(session === undefined, 'chain_unreachable', 'the node speaks of two blocks at once');
  throw new FacilitatorError('nonce_already_used', 'the authorization was used or cancelled');
}

/** A session is believed only when log and state agree with what was ordered. */
function isAsOrdered(
  { args }: EscrowEvent,
  session: ChainSession,
  terms: SessionTerms,
  { from }: Authorization,
): boolean {
  return (
    String(args.buyer).toLowerCase() === from &&
    String(args.seller).toLowerCase() === terms.seller &&
    String(args.token).toLowerCase() === terms.token &&
    args.totalDeposit === terms.totalDeposit &&
    args.pricePerUnit === terms.pricePerUnit &&
    args.expiresAt === session.expiresAt &&
    session.buyer === from &&
    session.seller === terms.seller &&
    session.totalDeposit === terms.totalDeposit &&
    session.pricePerUnit === terms.pricePerUnit
  );
}

/** Refuses what the chain would refuse, before gas is paid. */
async function admit(network: Network, order: CreateOrder, block: Block): Promise<void> {
  const { authorization, signature } = order.paymentPayload;
  const { asset } = order.paymentRequirements;
  const isSigned = async () => {
    const digest = authorizationDigest(await network.chain.tokenSeparator(asset), authorization);
    await network.checkSignature(authorization.from, digest, signature);
  };
  await admitBuyer(network, { asset, authorization, isSigned }, block);
}

function demand(fact: boolean, code: Code, message: string): asserts fact {
  if (!fact) throw new FacilitatorError(code, message);
}
