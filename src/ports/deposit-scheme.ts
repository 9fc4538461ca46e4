import type {
  ChainState,
  Closed,
  Opened,
  Outcome,
  PaymentOrder,
  SignedUnits,
  Wares,
} from '../domain/deposit-scheme.js';
import type { Result } from './result.js';

/**
 * One way to hold a customer's money while they use what it pays for. Nothing here throws for what others do.
 */
export interface DepositScheme {
  /** The payment method that it is. */
  readonly name: string;
  readonly currency: string;
  readonly decimals: number;
  /** Blocks on top of a deposit, or of its close, after which no reorganisation is expected to undo it. */
  readonly finality: number;
  /** Whether it can be paid with now: its servers are there. @default true */
  readonly isReady?: boolean;
  /** What a wallet needs to pay: x402 v2 payment requirements. */
  requirements(wares: Wares): object;
  /**
   * Reads `payment` of a purchase. `signed`: the units that may be served from the beginning. Codes:
   * `bad_payment`, ...
   */
  read(
    payment: Readonly<Record<string, unknown>>,
    wares: Wares,
  ): Promise<Result<{ readonly order: PaymentOrder; readonly signed: SignedUnits }>>;
  /** Reads a further signature of the same customer; it must be for more units than `before`. */
  readSignature(
    order: PaymentOrder,
    opened: Opened,
    given: Readonly<Record<string, unknown>>,
    before: SignedUnits,
  ): Promise<Result<SignedUnits>>;
  /** Takes the deposit. Confirmed when it has been read on the chain and matches the order. */
  open(order: PaymentOrder): Promise<Outcome<Opened>>;
  /**
   * Charges `units` in all, no more than were signed; the deposit goes on. Confirmed with the units charged
   * in all.
   */
  consume(order: PaymentOrder, opened: Opened, signed: SignedUnits, units: string): Promise<Outcome<string>>;
  /** Charges `units`, no more than were signed, gives the rest back and ends the deposit. */
  close(order: PaymentOrder, opened: Opened, signed: SignedUnits, units: string): Promise<Outcome<Closed>>;
  /** Looks on the chain for what became of an order, opened or not. */
  look(order: PaymentOrder): Promise<Outcome<ChainState>>;
}
