import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Address, Hex } from '../payments/wallet/typed-data.js';
import { FacilitatorError } from './error.js';
import type { Kind, Request } from './journal.js';

const largest = 2n ** 256n - 1n;

/** A decimal string or a safe integer, up to 2^256 - 1. */
const uint = z
  .union([z.string().regex(/^\d{1,78}$/), z.int().min(0)])
  .transform((value) => BigInt(value))
  .refine((value) => value <= largest);
const address = z
  .string()
  .regex(/^0x[0-9a-fA-F]{40}$/)
  .transform((text) => text.toLowerCase() as Address);
const word = z
  .string()
  .regex(/^0x[0-9a-fA-F]{64}$/)
  .transform((text) => text.toLowerCase() as Hex);
/** 65 bytes of a key, or what a smart wallet calls a signature. */
const signature = z
  .string()
  .max(4098)
  .regex(/^0x([0-9a-fA-F]{2})+$/)
  .transform((text) => text.toLowerCase() as Hex);
const network = z.string().regex(/^[-a-z0-9]{3,8}:[-_a-zA-Z0-9]{1,32}$/);

const createSchema = z.object({
  x402Version: z.union([z.literal(1), z.literal(2)]),
  paymentPayload: z.object({
    network,
    authorization: z.object({
      from: address,
      to: address,
      value: uint,
      validAfter: uint,
      validBefore: uint,
      nonce: word,
    }),
    signature,
    extensions: z.object({
      session: z.object({
        type: z.enum(['prepaid', 'postpaid']),
        pricePerUnit: uint,
        maxUnits: uint,
        duration: uint,
        seller: address,
        salt: word,
      }),
    }),
  }),
  paymentRequirements: z.object({ asset: address, amount: uint, network }),
});

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

const placeSchema = z.object({ network, id: word });

export type CreateOrder = z.output<typeof createSchema>;
export type ConsumeOrder = z.output<typeof consumeSchema>;
export type CloseOrder = z.output<typeof closeSchema>;

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
