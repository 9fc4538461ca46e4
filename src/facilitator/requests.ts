import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Hex } from '../payments/wallet/typed-data.js';
import { FacilitatorError } from './error.js';
import type { Kind, Request } from './operation.js';
import { address, network, signature, uint, word, wordOf } from './spellings.js';

const authorization = z.object({
  from: address,
  to: address,
  value: uint,
  validAfter: uint,
  validBefore: uint,
  nonce: word,
});

const paymentPayload = z.object({
  network,
  authorization,
  signature,
  extensions: z.object({
    session: z.object({
      type: z.enum(['prepaid', 'postpaid']),
      pricePerUnit: uint,
      maxUnits: uint,
      duration: uint,
      seller: address,
      salt: word.optional(),
    }),
  }),
});

const createSchema = z.object({
  x402Version: z.union([z.literal(1), z.literal(2)]),
  paymentPayload: paymentPayload.transform(withSalt),
  paymentRequirements: z.object({ asset: address, amount: uint, network }),
});

/**
 * A missing salt is `validBefore`: the buyer has signed that, so a repeat has the same one, and the next purchase of the
 * same terms, which ends at another second, another.
 */
function withSalt({ extensions, ...payload }: z.output<typeof paymentPayload>) {
  const { salt = wordOf(payload.authorization.validBefore), ...terms } = extensions.session;
  return { ...payload, extensions: { session: { ...terms, salt } } };
}

const signedTotal = z.object({ units: uint, unitsUsedBefore: uint, nonce: word, buyerSignature: signature });

const consumeSchema = z.object({
  ...{ sessionId: word, ...signedTotal.shape, network },
  consumedAmount: uint,
  signature,
});

const closeSchema = z.object({
  sessionId: word,
  network,
  signature: signature.optional(),
  role: z.enum(['seller', 'buyer']).default('seller'),
  consumedAmount: uint.optional(),
  consume: signedTotal.optional(),
});

const requirementsSchema = z.object({
  scheme: z.string().max(64),
  network,
  asset: address,
  amount: uint,
  payTo: address,
});

/** x402 v2: `POST /verify` and `POST /settle`, as far as it is read. */
const paymentSchema = z.object({
  x402Version: z.literal(2),
  paymentPayload: z.object({
    x402Version: z.literal(2),
    accepted: z.object({ scheme: z.string().max(64), network }),
    payload: z.object({ authorization, signature }),
  }),
  paymentRequirements: requirementsSchema,
});

const noWord: Hex = `0x${'0'.repeat(64)}`;
const lookupSchema = z.object({
  network,
  account: address,
  role: z.enum(['buyer', 'seller']),
  after: word.default(noWord),
  limit: z.int().min(1).max(200).default(50),
  until: z.int().min(0).optional(),
  signature: signature.optional(),
});

const placeSchema = z.object({ network, id: word });

export type CreateOrder = z.output<typeof createSchema>;
export type ConsumeOrder = z.output<typeof consumeSchema>;
export type PaymentOrder = z.output<typeof paymentSchema>;
export type CloseOrder = z.output<typeof closeSchema>;
export type LookupOrder = z.output<typeof lookupSchema>;

/** Reads a body or the parts of a path. @throws {@link FacilitatorError} `bad_request`, with the first fault. */
function reader<S extends z.ZodType>(schema: S): (value: unknown) => z.output<S> {
  return (value) => {
    const parsed = schema.safeParse(value);
    if (parsed.success) return parsed.data;
    const { path, message } = parsed.error.issues[0]!;
    throw new FacilitatorError('bad_request', `${path.join('.') || 'body'}: ${message}`.slice(0, 300));
  };
}

export const readCreate = reader(createSchema);
export const readConsume = reader(consumeSchema);
export const readClose = reader(closeSchema);
export const readPayment = reader(paymentSchema);
export const readLookup = reader(lookupSchema);
export const readPlace = reader(placeSchema);

/**
 * An order as an operation of the journal. Its id is a hash of what is asked for, however that was spelt: numbers or
 * strings, capitals, members in any order.
 * @param asked the part of the order that counts, where not all of it does
 */
export function requestOf(
  kind: Kind,
  network: string,
  sessionId: Hex,
  order: object,
  asked: object = order,
): Request {
  const id = createHash('sha256')
    .update(`${kind} ${textOf(asked)}`)
    .digest('hex');
  return { id, kind, network, sessionId, request: textOf(order) };
}

function textOf(order: object): string {
  return JSON.stringify(order, (_key, value: unknown) =>
    typeof value === 'bigint' ? value.toString() : value,
  );
}
