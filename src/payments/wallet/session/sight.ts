import type { Closed, Opened, PaymentOrder } from '../../../domain/deposit-scheme.js';
import type { Block } from '../node-replies.js';
import { MismatchError } from '../place.js';
import type { Chain, ChainSession, EscrowEvent } from '../session-chain.js';
import type { Hex } from '../typed-data.js';
import { reorgSeconds, untilByBoth } from '../validity.js';
import type { CreateRequest } from '../wire.js';

/** What the chain shows of an order. */
export type Sight =
  | {
      readonly is: 'open';
      readonly opened: Opened;
      readonly consumed: bigint;
      readonly confirmations: number;
    }
  /** `confirmations`: blocks on top of the close. */
  | { readonly is: 'closed'; readonly closed: Closed; readonly confirmations: number }
  /**
   * `isUsed`: the authorization was used or cancelled, so that it can never come. `isExpired`: nor can it come by a
   * reorganisation.
   */
  | { readonly is: 'gone'; readonly isUsed: boolean; readonly isExpired: boolean };

/** How sights are taken. */
export interface Watch {
  readonly chain: Chain;
  /** A session is not served in the last part of its time, in ms. */
  readonly marginMs: number;
  /** Blocks on top of a deposit after which it is final. */
  readonly finality: number;
  /** The router's wall clock, ms since 1970. */
  readonly wall: () => number;
}

/**
 * Looks for the session of an order. The session is believed when its state, its `SessionCreated` event and the receipt
 * are on the configured chain, in the configured contract, and agree with the order.
 * @param thorough also finds the event of a session that was opened long ago, for its transaction hash
 * @throws `RpcError`, {@link MismatchError}: nothing is known then
 */
export async function look(watch: Watch, order: PaymentOrder, thorough = false): Promise<Sight> {
  const { chain } = watch;
  await chain.check();
  const block = await chain.latest();
  const id = order.id as Hex;
  const session = await chain.session(id, block);
  if (!session) return gone(chain, order, block);
  demand(isAsOrdered(session, order), 'the session on the chain is another one');
  if (session.closed) return closedOf(watch, id, session, block);
  const event = await chain.event('SessionCreated', id, block, thorough ? {} : { windows: 1 });
  if (!event) return old(watch, id, session, block);
  demand(isTold(event, session), 'the log of the session is of another one');
  const receipt = await chain.receipt(event.transaction);
  demand(receipt?.ok === true, 'the receipt of the session is missing');
  return {
    is: 'open',
    opened: openedOf(watch, id, session, block, event.transaction),
    consumed: session.unitsUsed,
    confirmations: Number(block.number - event.block),
  };
}

function requestOf({ payload }: PaymentOrder): CreateRequest {
  return payload as CreateRequest;
}

async function gone(chain: Chain, order: PaymentOrder, block: Block): Promise<Sight> {
  const { paymentPayload, paymentRequirements } = requestOf(order);
  const { from, nonce, validBefore } = paymentPayload.authorization;
  const used = await chain.isAuthorizationUsed(paymentRequirements.asset, from, nonce, block);
  // A used authorization ends the order, so a second, later look must not show the session either: the node may just
  // have replaced a block.
  const isUsed = used && (await chain.session(order.id as Hex, await chain.latest())) === undefined;
  return { is: 'gone', isUsed, isExpired: block.timestamp > BigInt(validBefore) + BigInt(reorgSeconds) };
}

function isAsOrdered(session: ChainSession, order: PaymentOrder): boolean {
  const { paymentPayload, paymentRequirements } = requestOf(order);
  const asked = paymentPayload.extensions.session;
  return (
    session.buyer === order.buyer &&
    session.seller === asked.seller &&
    session.token === paymentRequirements.asset &&
    session.totalDeposit === BigInt(paymentRequirements.amount) &&
    session.pricePerUnit === BigInt(order.unitPrice)
  );
}

/** The log must say what the state says. */
function isTold({ args }: EscrowEvent, session: ChainSession): boolean {
  const same = (name: 'buyer' | 'seller' | 'token') => String(args[name]).toLowerCase() === session[name];
  return (
    same('buyer') &&
    same('seller') &&
    same('token') &&
    args.totalDeposit === session.totalDeposit &&
    args.pricePerUnit === session.pricePerUnit &&
    args.expiresAt === session.expiresAt
  );
}

/**
 * The session's event is older than the blocks that were searched: its presence `finality` blocks ago shows its depth.
 */
async function old(watch: Watch, id: Hex, session: ChainSession, block: Block): Promise<Sight> {
  const { chain, finality } = watch;
  const before = await chain.session(id, { ...block, number: block.number - BigInt(finality) });
  demand(before !== undefined, 'the log of the session is missing');
  const opened = openedOf(watch, id, session, block, '');
  return { is: 'open', opened, consumed: session.unitsUsed, confirmations: finality };
}

function openedOf(
  { marginMs, wall }: Watch,
  reference: Hex,
  session: ChainSession,
  block: Block,
  transaction: string,
): Opened {
  const now = wall();
  const until = untilByBoth(Number(session.closableAt), block, now) - marginMs;
  // A buyer who has requested the close is not served any more.
  const serveUntil = session.closeRequested ? Math.min(until, now) : until;
  return { reference, transaction, serveUntil, final: false };
}

async function closedOf(
  { chain, finality }: Watch,
  id: Hex,
  session: ChainSession,
  block: Block,
): Promise<Sight> {
  const event = await chain.event('SessionClosed', id, block);
  const sellerAmount = session.unitsUsed * session.pricePerUnit;
  const amounts = { sellerAmount, buyerRefund: session.totalDeposit - sellerAmount };
  const { sellerAmount: toSeller, buyerRefund: toBuyer } = (event?.args ?? amounts) as typeof amounts;
  const isSame = toSeller === sellerAmount && toBuyer === amounts.buyerRefund;
  demand(isSame, 'log and state of the closed session differ');
  const closed = {
    transaction: event?.transaction ?? '',
    sellerAmount: `${sellerAmount}`,
    buyerRefund: `${amounts.buyerRefund}`,
  };
  // An event that is older than all blocks that were searched is final.
  return { is: 'closed', closed, confirmations: event ? Number(block.number - event.block) : finality };
}

function demand(fact: boolean, message: string): asserts fact {
  if (!fact) throw new MismatchError(message);
}
