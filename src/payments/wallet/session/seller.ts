import { privateKeyToAccount } from 'viem/accounts';
import type { PaymentOrder, SignedUnits } from '../../../domain/deposit-scheme.js';
import { chargeDigest, closeDigest, type Hex } from '../typed-data.js';
import type { CloseRequest, ConsumeRequest, SignedTotal } from '../wire.js';
import type { Offer } from './payment.js';

/**
 * The seller's key. It signs what a session is charged, up to what its buyer has signed. The same request always gets
 * the same signature (RFC 6979), so a facilitator recognises a repeat.
 */
export class Seller {
  readonly #account: ReturnType<typeof privateKeyToAccount>;
  readonly #network: string;
  /** Of the escrow's EIP-712 domain. */
  readonly #separator: Hex;

  /** @throws Error when the key is not that of the seller: nothing could be charged */
  constructor(key: Hex, { seller, network }: Offer, separator: Hex) {
    this.#account = privateKeyToAccount(key);
    this.#network = network;
    this.#separator = separator;
    if (this.#account.address.toLowerCase() !== seller)
      throw new Error(`the key is not that of the seller, ${seller}`);
  }

  /** Signs a charge of so many units in all, after which the session goes on. */
  async charge(order: PaymentOrder, signed: SignedUnits, units: bigint): Promise<ConsumeRequest> {
    const message = messageOf(order, units);
    const signature = await this.#account.sign({ hash: chargeDigest(this.#separator, message) });
    return { ...this.#named(message, signature), ...(signed.proof as SignedTotal) };
  }

  /**
   * Signs a charge of so many units in all, with which the session ends. It is never below what the chain has charged.
   * @param consumed units that the chain has charged
   */
  async close(
    order: PaymentOrder,
    signed: SignedUnits,
    units: bigint,
    consumed: bigint,
  ): Promise<CloseRequest> {
    const message = messageOf(order, units > consumed ? units : consumed);
    const signature = await this.#account.sign({ hash: closeDigest(this.#separator, message) });
    const request = this.#named(message, signature);
    return units > consumed ? { ...request, consume: signed.proof as SignedTotal } : request;
  }

  #named({ sessionId, consumedAmount }: ReturnType<typeof messageOf>, signature: Hex) {
    return { sessionId, network: this.#network, signature, consumedAmount: `${consumedAmount}` };
  }
}

function messageOf({ id, unitPrice }: PaymentOrder, units: bigint) {
  return { sessionId: id as Hex, consumedAmount: units * BigInt(unitPrice) };
}
