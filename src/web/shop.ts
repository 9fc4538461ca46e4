import type { Mac } from '../domain/mac.js';
import type { Money } from '../domain/money.js';
import type { Allotment, Plan } from '../domain/plan.js';
import type { Cause, Session } from '../domain/session.js';
import type { Voucher } from '../domain/voucher.js';
import type { PayOrdering } from '../ports/pay-ordering.js';
import type { Result } from '../ports/result.js';
import type { PayForm } from '../ports/web.js';

/** What the pages ask of the daemon. Nothing of owners is here. */
export interface Shop {
  plans(): Iterable<Plan>;
  quote(
    order: { plan: string; steps?: number },
    method: string | undefined,
  ): Result<{
    plan: Plan;
    steps: number;
    allotment: Allotment;
    price: Money;
    payment: readonly { method: string; price: Money }[];
  }>;
  purchase(order: {
    mac: Mac;
    plan?: string;
    steps?: number;
    currency?: string;
    payment: Readonly<Record<string, unknown>> & { readonly method: string };
    key: string;
    gateway?: string;
  }): Promise<Result<Session>>;
  close(id: string, cause: Cause): Promise<Session | undefined>;
  /** The short code that names a device to a cashier. */
  tillCode(mac: Mac): { readonly code: string };
  /** How often a device may have a free plan still today, and when the next day begins (ms since 1970). */
  freeStanding(plan: Plan, mac: Mac): { readonly left: number; readonly next: number };
  /** Makes a code with which this session is carried to another device. `until`: wall clock, ms since 1970. */
  carryCode(id: string): Promise<Result<{ code: string; until: number }>>;
  /** Carries the session of a code to this device. */
  carry(code: string, mac: Mac): Promise<Result<Session>>;
  /** What belongs to the customer of a device and is given back as tokens. */
  returned(mac: Mac): Promise<readonly { money: Money; token: string }[]>;
  readonly vouchers: {
    redeem(code: string, target: { mac: Mac; gateway?: string }): Promise<Result<Session>>;
    list(batch: string | undefined): Iterable<Voucher>;
  };
  /** What is paid elsewhere. */
  readonly orders: PayOrdering;
  /** The newest session of a device; sessions that have not ended come first. */
  sessionOfMac(mac: Mac): Session | undefined;
  rates(session: Session): { readonly up: number; readonly down: number };
  now(): number;
  /** Says what is the owner's to mend. */
  log(level: 'error', text: string): void;
}

/** What the owner has set of the pages. */
export interface PageConfig {
  readonly name?: string;
  readonly accent: string;
  readonly contact?: string;
  /** What the owner says of buying; nothing where they have not written anything of their own. */
  readonly whereToBuy?: string;
  readonly home?: string;
  readonly logo?: string;
  readonly terms?: string;
  /** In the order of preference; never empty. */
  readonly languages: readonly string[];
  /** Logins at a server that are to be had, by their payment method. */
  readonly logins: () => readonly string[];
  /** How payment methods are offered, by their names. */
  readonly forms: Readonly<Record<string, PayForm>>;
  /** Payment methods that are paid elsewhere, by an order. */
  readonly hooks: readonly string[];
}
