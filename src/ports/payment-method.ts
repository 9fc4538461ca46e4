import type { Wares } from '../domain/deposit-scheme.js';
import type { Mac } from '../domain/mac.js';
import type { Money } from '../domain/money.js';
import type { Result } from './result.js';

/** What a payment method is asked to take. */
export interface Charge {
  readonly price: Money;
  /** The `payment` argument of the purchase, as it came in. */
  readonly payment: Readonly<Record<string, unknown>>;
  readonly mac: Mac;
  readonly user?: string;
}

/** Money that was taken. `reference`: by which the owner finds it again. */
export interface Receipt {
  readonly reference: string;
}

/** A way to pay. */
export interface PaymentMethod {
  readonly name: string;
  /** Decimals of each currency that it takes. */
  readonly currencies: ReadonlyMap<string, number>;
  /** Takes the money at once. Absent where it is paid in and charged as it is used. */
  charge?(charge: Charge): Promise<Result<Receipt>>;
  /** What a wallet needs to pay: x402 v2 payment requirements. */
  requirements?(wares: Wares): object;
}
