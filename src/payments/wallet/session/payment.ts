import type { SignedUnits, Wares } from '../../../domain/deposit-scheme.js';
import { isSignedBy } from '../signature.js';
import {
  type Address,
  authorizationDigest,
  consumeDigest,
  type Hex,
  type SessionTerms,
  sessionIdOf,
  termsHash,
} from '../typed-data.js';
import type { CreateRequest, SignedTotal } from '../wire.js';
import { type Fields, PaymentError } from './fields.js';

/** Seconds for which an authorization must be good at least, so that it can be mined. */
const validityMargin = 60n;

/** What a seller asks of every session, accounts in lower case. */
export interface Offer {
  /** CAIP-2. */
  readonly network: string;
  readonly chainId: bigint;
  readonly escrow: Address;
  readonly token: Address;
  readonly seller: Address;
  /** Seconds. */
  readonly duration: bigint;
}

/** EIP-712 separators: of the escrow and of the token. */
export interface Separators {
  readonly escrow: Hex;
  readonly token: Hex;
}

/** The body of `POST /session/create` that a payment is, of the session that it opens. */
export interface Deposit {
  readonly sessionId: Hex;
  readonly buyer: Address;
  readonly request: CreateRequest;
}

/**
 * Reads `payload` of a payment, which must be for these wares and nothing else. Nothing is asked of anybody.
 * @param now Unix seconds
 * @throws {@link PaymentError}
 */
export async function readDeposit(
  payload: Fields,
  wares: Wares,
  offer: Offer,
  separators: Separators,
  now: bigint,
): Promise<Deposit> {
  demand(payload.text('network') === offer.network, 'wrong_network', `it must be for ${offer.network}`);
  const terms = readTerms(payload.inner('extensions').inner('session'), wares, offer);
  const given = payload.inner('authorization');
  const authorization = {
    from: given.account('from'),
    to: given.account('to'),
    value: given.uint('value'),
    validAfter: given.uint('validAfter'),
    validBefore: given.uint('validBefore'),
    nonce: given.word('nonce'),
  };
  const { from, to, value, validAfter, validBefore, nonce } = authorization;
  demand(to === offer.escrow, 'wrong_payee', `it must be for the escrow ${offer.escrow}`);
  demand(value === terms.totalDeposit, 'bad_terms', `the deposit must be ${terms.totalDeposit}`);
  const hash = termsHash(terms);
  demand(nonce === hash, 'terms_not_signed', `the nonce must be the hash of the terms, ${hash}`);
  demand(validAfter <= now, 'not_yet_valid', 'the authorization is not valid yet');
  demand(validBefore > now + validityMargin, 'expired_authorization', 'the authorization ends too soon');
  const signature = payload.signature('signature');
  const isSigned = await isSignedBy(from, authorizationDigest(separators.token, authorization), signature);
  demand(isSigned, 'bad_signature', `the authorization is not signed by ${from}`);
  const sessionId = sessionIdOf(offer.chainId, offer.escrow, from, terms);
  return { sessionId, buyer: from, request: requestOf(offer.network, terms, authorization, signature) };
}

/**
 * Reads a running total that the buyer of a session has signed.
 * @param most units that the deposit pays for
 * @throws {@link PaymentError}
 */
export async function readTotal(
  given: Fields,
  { sessionId, buyer }: Pick<Deposit, 'sessionId' | 'buyer'>,
  most: bigint,
  separators: Pick<Separators, 'escrow'>,
): Promise<SignedUnits> {
  const [units, unitsUsedBefore] = [given.uint('units'), given.uint('unitsUsedBefore')];
  const total = units + unitsUsedBefore;
  demand(total > 0n, 'bad_payment', 'nothing is signed');
  demand(total <= most, 'exceeds_deposit', `the deposit pays for ${most} units`);
  const message = { sessionId, units, unitsUsedBefore, nonce: given.word('nonce') };
  const buyerSignature = given.signature('buyerSignature');
  const isSigned = await isSignedBy(buyer, consumeDigest(separators.escrow, message), buyerSignature);
  demand(isSigned, 'bad_signature', `the units are not signed by ${buyer}`);
  const proof: SignedTotal = {
    units: `${units}`,
    unitsUsedBefore: `${unitsUsedBefore}`,
    nonce: message.nonce,
    buyerSignature,
  };
  return { units: `${total}`, proof };
}

/** The terms must be those that were asked for: units could not be charged as they are sold by a buyer's own terms. */
function readTerms(session: Fields, wares: Wares, { seller, token, duration }: Offer): SessionTerms {
  const { units, unitPrice } = wares;
  demand(session.text('type') === 'prepaid', 'unsupported_type', 'only prepaid sessions are served');
  demand(session.account('seller') === seller, 'wrong_seller', `the seller is ${seller}`);
  demand(session.uint('pricePerUnit') === unitPrice, 'bad_terms', `a unit costs ${unitPrice}`);
  demand(session.uint('maxUnits') === units, 'bad_terms', `it must be for ${units} units`);
  demand(session.uint('duration') === duration, 'bad_terms', `the duration must be ${duration}`);
  const salt = session.word('salt');
  return { seller, token, totalDeposit: units * unitPrice, pricePerUnit: unitPrice, duration, salt };
}

/** Gives the same payment the same bytes, however the buyer spelt it. */
function requestOf(
  network: string,
  terms: SessionTerms,
  authorization: Parameters<typeof authorizationDigest>[1],
  signature: Hex,
): CreateRequest {
  const { value, validAfter, validBefore } = authorization;
  const { totalDeposit, pricePerUnit, duration, seller, salt, token } = terms;
  return {
    x402Version: 2,
    paymentPayload: {
      network,
      authorization: {
        ...authorization,
        value: `${value}`,
        validAfter: `${validAfter}`,
        validBefore: `${validBefore}`,
      },
      signature,
      extensions: {
        session: {
          type: 'prepaid',
          pricePerUnit: `${pricePerUnit}`,
          maxUnits: `${totalDeposit / pricePerUnit}`,
          duration: `${duration}`,
          seller,
          salt,
        },
      },
    },
    paymentRequirements: { asset: token, amount: `${totalDeposit}`, network },
  };
}

function demand(fact: boolean, code: string, message: string): asserts fact {
  if (!fact) throw new PaymentError(code, message);
}
