import type { Section } from '../config/section.js';
import type { Deposit } from '../domain/deposit.js';
import type { Wares } from '../domain/deposit-scheme.js';
import type { Mac } from '../domain/mac.js';
import type { Money } from '../domain/money.js';
import type { Clock } from './clock.js';
import type { DepositScheme } from './deposit-scheme.js';
import type { Log } from './log.js';
import type { Result } from './result.js';
import type { SinkStanding } from './sink.js';
import type { PayForm } from './web.js';

/** What a payment method is asked to take. */
export interface Charge {
  readonly price: Money;
  /** The `payment` argument of the purchase, as it came in. */
  readonly payment: Readonly<Record<string, unknown>>;
  readonly mac: Mac;
  readonly user?: string;
}

/** Money that was taken. The owner finds it again by `reference`. */
export interface Receipt {
  readonly reference: string;
}

/** A way to pay. */
export interface PaymentMethod {
  readonly name: string;
  /** Decimals of each currency that it takes. */
  readonly currencies: ReadonlyMap<string, number>;
  /** Takes the money at once. Absent where the money is a deposit that is charged as it is used. */
  charge?(charge: Charge): Promise<Result<Receipt>>;
  /** What a wallet needs to pay: x402 v2 payment requirements. */
  requirements?(wares: Wares): object;
}

/** What a member needs of the daemon. */
export interface PaymentParts {
  readonly clock: Clock;
  readonly log: Log;
  /** Deposits for which something is left to be done. */
  deposits(): readonly Deposit[];
  /** To be called when {@link Payments.methods} or {@link Payments.schemes} have changed. */
  changed(): void;
}

/** The ways to pay of one section of the configuration, at work. */
export interface Payments {
  /** Methods that take the money at once. */
  readonly methods: readonly PaymentMethod[];
  /** Methods that hold a deposit. */
  readonly schemes: readonly DepositScheme[];
  /** How often what was used of a deposit is charged, in ms. */
  readonly chargeMs?: number;
  /** Absent where no server is needed. `backlog`: deposits that wait. */
  readonly standing?: SinkStanding;
  /** Asks the servers that are needed; the value names, for people, those that answered. */
  test?(): Promise<Result<string>>;
  stop(forGood: boolean): Promise<void>;
}

/**
 * A member of the seam: a line in `payments/registry.ts`. Its key is the name of a section `method`, or the type of a
 * section of its own.
 */
export interface PaymentMember<C extends object> {
  readonly section: Section<C>;
  /** What customers fill in on the page; absent for a method that is not for them, as cash, which is the owner's. */
  readonly form?: PayForm;
  build(config: C, parts: PaymentParts): Promise<Payments>;
}
