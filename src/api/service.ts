import type { Deposit } from '../domain/deposit.js';
import type { Mac } from '../domain/mac.js';
import type { Money } from '../domain/money.js';
import type { PayOrder } from '../domain/pay-order.js';
import type { Allotment, Plan } from '../domain/plan.js';
import type { Cause, Session } from '../domain/session.js';
import type { Bucket, Takings } from '../domain/stats.js';
import type { Bytes, Millis } from '../domain/units.js';
import type { Batch, Voucher } from '../domain/voucher.js';
import type { PayOrdering } from '../ports/pay-ordering.js';
import type { Held } from '../ports/payment-method.js';
import type { Result } from '../ports/result.js';
import type { View } from './view.js';

/** What the API asks about vouchers. */
export interface VoucherService {
  create(order: {
    plan: string;
    steps?: number;
    count: number;
    validUntil?: number;
    reuse: boolean;
    digits?: true;
    reprint?: true;
    key: string;
  }): Promise<Result<{ batch: Batch; codes: readonly string[] }>>;
  /** The codes of a batch again, until the first of them is used. */
  codes(batch: string): Promise<Result<{ batch: Batch; codes: readonly string[] }>>;
  /** Whether {@link codes} has them. */
  keeps(batch: string): boolean;
  redeem(code: string, target: { mac: Mac; user?: string; gateway?: string }): Promise<Result<Session>>;
  cancel(batch: string, number: number | undefined): Promise<Result<number>>;
  /** All vouchers, or those of one batch. */
  list(batch: string | undefined): Iterable<Voucher>;
}

/** What the API asks about orders that are paid elsewhere. */
export interface PayOrderService extends PayOrdering {
  /** A provider's signed word that an order is paid. */
  confirm(
    hook: string,
    paid: { readonly order: string; readonly money: Money; readonly reference: string },
  ): Promise<Result<PayOrder>>;
  /** The word of a hub that has checked the provider's signature. */
  told(word: {
    readonly hook: string;
    readonly order: string;
    readonly amount: string;
    readonly currency: string;
    readonly reference: string;
  }): Promise<Result<PayOrder>>;
}

/** What a set-up would change, or has changed. */
export interface SetupDone {
  /** Options by their names, with what they had and what they are to have. */
  readonly changes: readonly { readonly name: string; readonly from: string; readonly to: string }[];
  /** Options that somebody else has changed since the set-up; taking it back has left them alone. */
  readonly kept: readonly string[];
  readonly done: boolean;
}

/** What the API asks of the daemon behind it. */
export interface Service {
  status(): View;
  plans(): Iterable<Plan>;
  quote(
    order: { plan: string; steps?: number; amount?: string; currency?: string },
    method: string | undefined,
  ): Result<{
    plan: Plan;
    steps: number;
    allotment: Allotment;
    price: Money;
    payment: readonly { method: string; price: Money; requirements?: object }[];
  }>;
  purchase(order: {
    mac: Mac;
    /** Absent where a server decides what the customer gets. */
    plan?: string;
    steps?: number;
    currency?: string;
    payment: Readonly<Record<string, unknown>> & { readonly method: string };
    key: string;
    user?: string;
    gateway?: string;
  }): Promise<Result<Session>>;
  grant(order: {
    mac: Mac;
    plan?: string;
    steps?: number;
    bytes?: Bytes;
    millis?: Millis;
    reason: string;
    key: string;
    user?: string;
    gateway?: string;
  }): Promise<Result<Session>>;
  /** Undefined when there is no such session. */
  close(id: string, cause: Cause): Promise<Session | undefined>;
  logout(user: string, key: string | undefined, cause: Cause): Promise<Result<readonly Session[]>>;
  /** Takes a further signature for what was paid in. */
  sign(id: string, given: Readonly<Record<string, unknown>>, key: string): Promise<Result<Session>>;
  /** All deposits that are kept, oldest first. */
  deposits(): Iterable<Deposit>;
  /** The short code that names a device to a cashier; `lives`: for so long at the least, in ms. */
  tillCode(mac: Mac): { readonly code: string; readonly lives: number };
  /** The code that a device has, if one was asked for. */
  knownTillCode(mac: Mac): string | undefined;
  /** The devices that a code, a MAC address, the name of a user or the id of a session means. */
  find(what: string): readonly Mac[];
  /** What a device that is there calls itself: anything, in printable characters, and nobody has checked it. */
  deviceName?(mac: Mac): string | undefined;
  /** How often a device may have a free plan still today, and when the next day begins (ms since 1970). */
  freeStanding(plan: Plan, mac: Mac): { readonly left: number; readonly next: number };
  /** Makes a code with which this session is carried to another device. */
  carryCode(id: string): Promise<Result<{ code: string; session: Session; until: number }>>;
  /** Carries the session of a code to this device. */
  carry(code: string, mac: Mac): Promise<Result<Session>>;
  readonly vouchers: VoucherService;
  readonly orders: PayOrderService;
  /** The session with its time counted up to now. */
  session(id: string): Session | undefined;
  /** The newest session of a device; sessions that have not ended come first. */
  sessionOfMac(mac: Mac): Session | undefined;
  sessionOfUser(user: string): Session | undefined;
  /** All sessions that are kept, oldest first. */
  sessions(): Iterable<Session>;
  /** Recent rates, in bytes a second. */
  rates(session: Session): { readonly up: number; readonly down: number };
  /** Business figures over `[from, to)`, in ms since 1970, in steps of `span` ms. */
  series(from: number, to: number, span: number): Bucket[];
  /** The revenue of that time by plan, method and currency. */
  takings(from: number, to: number): Takings[];
  /** Wall clock, ms since 1970. */
  now(): number;
  /** What belongs to the customer of a device and is given back as tokens. */
  returned(mac: Mac): Promise<readonly { reference: string; money: Money; token: string }[]>;
  /** Money that payment methods hold themselves. */
  held(): readonly (Held & { readonly method: string })[];
  /** The next token of the seller's money; undefined when nothing is left. @param written the last one, which is safe */
  takeOut(
    written: string | undefined,
  ): Promise<Result<{ id: string; place: string; money: Money; token: string } | undefined>>;
  /** Asks an upstream whether it answers; undefined when there is none of this name. */
  testUpstream(name: string): Promise<Result<string> | undefined>;
  /** Reads the configuration again: applied, or its faults with nothing changed. */
  reload(): Promise<View>;
  /** The owner has seen what `status` says is damaged or missing. @returns how many things there were */
  acknowledgeDamage(): Promise<number>;
  /** Sets up a portal beside turnpike, takes that back, or looks what there is to change. */
  setup(order: {
    readonly target: string;
    readonly act: 'look' | 'apply' | 'undo';
    readonly restart: boolean;
    /** What the caller has chosen, for targets that ask for it. */
    readonly wish: { readonly interface?: string; readonly allowMac?: string };
  }): Promise<Result<SetupDone>>;
  log(level: 'error', text: string): void;
}
