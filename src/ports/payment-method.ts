import type { Section } from '../config/section.js';
import type { Deposit } from '../domain/deposit.js';
import type { Wares } from '../domain/deposit-scheme.js';
import type { Mac } from '../domain/mac.js';
import type { Money } from '../domain/money.js';
import type { OrderState } from '../domain/pay-order.js';
import type { Session } from '../domain/session.js';
import type { Bytes, Millis } from '../domain/units.js';
import type { Clock } from './clock.js';
import type { DepositScheme } from './deposit-scheme.js';
import type { Log } from './log.js';
import type { Notice } from './notice.js';
import type { Result } from './result.js';
import type { Safe } from './safe.js';
import type { SinkStanding } from './sink.js';
import type { PayForm } from './web.js';

/** What a payment method is asked to take. */
export interface Charge {
  readonly price: Money;
  /** That the price is for. */
  readonly steps: number;
  /** The idempotency key of the purchase. */
  readonly key: string;
  /** The `payment` argument of the purchase, as it came in. */
  readonly payment: Readonly<Record<string, unknown>>;
  readonly mac: Mac;
  readonly user?: string;
}

/** Money that was taken. The owner finds it again by `reference`. */
export interface Receipt {
  readonly reference: string;
}

/** Money of a customer's that they are given back as a token. */
export interface Returned {
  /** Of the payment that it is left of. */
  readonly reference: string;
  readonly money: Money;
  readonly token: string;
}

/** Money that a method holds itself. */
export interface Held {
  /** Where it can be spent. */
  readonly place: string;
  /** The seller's, to be taken out. */
  readonly seller: Money;
  /** Of sessions that run: it is decided when they end. */
  readonly inUse: Money;
  /** Customers', who were given it back and have not spent it. */
  readonly customers: Money;
  /** What has been sent to the seller in all. */
  readonly paidOut: Money;
  /** What is being sent now: it is in `seller` until it has arrived. */
  readonly onItsWay: Money;
}

/** The seller's money as a token. It is gone from here when somebody says that it is written down. */
export interface TakenOut {
  readonly id: string;
  readonly place: string;
  readonly money: Money;
  readonly token: string;
}

/** Money of the seller's that is on its way to somebody else as a token. Amounts are in the unit of the place. */
export interface Spent {
  readonly id: string;
  readonly place: string;
  readonly unit: string;
  readonly amount: number;
  readonly token: string;
}

/** What is to be paid: whole steps, from `least` to `most` of them. */
export interface Spend {
  readonly place: string;
  readonly unit: string;
  readonly stepPrice: number;
  readonly least: number;
  readonly most: number;
}

/** Spends the seller's money, one payment at a time. Each is on the disk before anybody is shown its token. */
export interface Spending {
  /** The payment whose end nobody knows yet, also from before a crash: the same token may be sent again. */
  readonly now: Spent | undefined;
  /** Spent in the last 24 hours, with what is on its way. */
  today(unit: string): number;
  begin(want: Spend): Promise<Result<Spent>>;
  /** It has arrived. @param change tokens that came back; they are swapped, and are the seller's */
  paid(change: readonly string[]): Promise<void>;
  /** It was not taken: the token is swapped back, unless its mint says that it was spent after all. */
  takeBack(): Promise<void>;
}

/** A way to pay. */
export interface PaymentMethod {
  readonly name: string;
  /** Decimals of each currency that it takes. */
  readonly currencies: ReadonlyMap<string, number>;
  /** Takes the money at once. Absent where the money is a deposit that is charged as it is used. */
  charge?(charge: Charge): Promise<Result<Receipt>>;
  /** Whether it can be paid with now. Absent where that needs nobody else. */
  readonly isReady?: boolean;
  /** What a payment is worth, in which currency: as many steps as that pays for are sold where none are named. */
  appraise?(payment: Charge['payment']): Promise<Result<Money>>;
  /** Hears what came of a charge: once for each receipt, when the sale is on the disk or was refused. */
  settle?(reference: string, isSold: boolean): Promise<void>;
  /** What belongs to the customer of this device and is given back. */
  returned?(mac: Mac): Promise<readonly Returned[]>;
  /** Money that the method holds itself. */
  held?(): readonly Held[];
  /** The next token of the seller's money; undefined when nothing is left. @param written the last one, which is safe */
  takeOut?(written: string | undefined): Promise<TakenOut | 'unknown' | undefined>;
  /** What a wallet needs to pay: x402 v2 payment requirements. */
  requirements?(wares: Wares): object;
  /** Spends the seller's money, where the method holds it. */
  readonly spending?: Spending;
}

/** What a customer pays with an app. */
export interface Bill {
  /** As their app reads it: a Lightning invoice. */
  readonly request: string;
  /** Wall clock, ms since 1970: until when it is shown as payable. */
  readonly until: number;
}

/** A way to pay by orders, for which the method makes a bill and hears when it is paid. */
export interface Billing {
  readonly name: string;
  readonly currencies: ReadonlyMap<string, number>;
  /** Whether it can be paid with now. */
  readonly isReady: boolean;
  /** Access while the money is on its way; absent for none. */
  readonly windowTime?: Millis;
  readonly windowData: Bytes;
  /** Windows of all devices in an hour. */
  readonly windows: number;
  bill(order: { id: string; mac: Mac; steps: number; price: Money }): Promise<Result<Bill>>;
}

/** What a member needs of the daemon. */
export interface PaymentParts {
  readonly clock: Clock;
  readonly log: Log;
  /** Deposits for which something is left to be done. */
  deposits(): readonly Deposit[];
  /** Named values that are kept beside the journal, in a file of this name. Rejects when it cannot be read. */
  safe(file: string): Promise<Safe>;
  /** The session that was sold under an idempotency key, for as long as both are kept. */
  sessionOf(key: string): Session | undefined;
  /** The order of a {@link Billing} is paid. A repeat changes nothing. */
  confirm(
    billing: string,
    paid: { readonly order: string; readonly money: Money; readonly reference: string },
  ): Promise<Result<{ readonly state: OrderState }>>;
  /** The methods that are at work now. */
  methods(): readonly PaymentMethod[];
  /** To be called when {@link Payments.methods} or {@link Payments.schemes} have changed. */
  changed(): void;
}

/** The ways to pay of one section of the configuration, at work. */
export interface Payments {
  /** Methods that take the money at once. */
  readonly methods: readonly PaymentMethod[];
  /** Methods that hold a deposit. */
  readonly schemes: readonly DepositScheme[];
  /** Ways to pay by orders. @default none */
  readonly billings?: readonly Billing[];
  /** How often what was used of a deposit is charged, in ms. */
  readonly chargeMs?: number;
  /** Absent where no server is needed. `backlog`: deposits that wait. */
  readonly standing?: SinkStanding;
  /** Asks the servers that are needed; the value names, for people, those that answered. */
  test?(): Promise<Result<string>>;
  /** Hears what is durable. */
  hear?(notice: Notice): void;
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
