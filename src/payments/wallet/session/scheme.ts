import type {
  ChainState,
  Closed,
  Opened,
  Outcome,
  PaymentOrder,
  SignedUnits,
  Wares,
} from '../../../domain/deposit-scheme.js';
import type { DepositScheme } from '../../../ports/deposit-scheme.js';
import type { Result } from '../../../ports/result.js';
import { unknown } from '../outcome.js';
import { refuse } from '../payment.js';
import type { Ready } from '../readiness.js';
import type { Address } from '../typed-data.js';
import type { CreateRequest } from '../wire.js';
import type { SessionBackend } from './backend.js';

/**
 * Sessions in escrow contracts: new ones in the contract that is configured, and those that earlier configurations left
 * in theirs, each served by a backend of its own until it is over.
 *
 * Of a deposit that nothing configured can serve nobody knows what became of it, so it is neither refused nor forgotten:
 * it goes on when network, seller and key are configured again.
 */
export class SessionScheme implements DepositScheme {
  readonly name: string;
  readonly currency: string;
  readonly decimals: number;
  readonly finality: number;
  readonly #current: SessionBackend;
  readonly #at: (escrow: Address) => SessionBackend;
  readonly #readiness: Ready | undefined;
  readonly #earlier = new Map<Address, SessionBackend>();

  /**
   * @param at makes the backend of another contract on the same network, with the same seller
   * @param readiness of facilitator and node. @default they are always thought to be there
   */
  constructor(current: SessionBackend, at: (escrow: Address) => SessionBackend, readiness?: Ready) {
    this.name = current.name;
    this.currency = current.currency;
    this.decimals = current.decimals;
    this.finality = current.finality;
    this.#current = current;
    this.#at = at;
    this.#readiness = readiness;
  }

  get isReady(): boolean {
    return this.#readiness?.isReady ?? true;
  }

  /** See {@link SessionBackend.trouble}. */
  get trouble(): string {
    return this.#current.trouble;
  }

  /** See {@link SessionBackend.verify}. */
  verify(): Promise<string> {
    return this.#current.verify();
  }

  requirements(wares: Wares): object {
    return this.#current.requirements(wares);
  }

  read(payment: Readonly<Record<string, unknown>>, wares: Wares) {
    return this.#current.read(payment, wares);
  }

  async readSignature(
    order: PaymentOrder,
    opened: Opened,
    given: Readonly<Record<string, unknown>>,
    before: SignedUnits,
  ): Promise<Result<SignedUnits>> {
    const backend = this.#of(order);
    if (typeof backend === 'string') return refuse('escrow_unready', backend);
    return backend.readSignature(order, opened, given, before);
  }

  open(order: PaymentOrder): Promise<Outcome<Opened>> {
    return this.#ask(order, (backend) => backend.open(order));
  }

  consume(order: PaymentOrder, opened: Opened, signed: SignedUnits, units: string): Promise<Outcome<string>> {
    return this.#ask(order, (backend) => backend.consume(order, opened, signed, units));
  }

  close(order: PaymentOrder, opened: Opened, signed: SignedUnits, units: string): Promise<Outcome<Closed>> {
    return this.#ask(order, (backend) => backend.close(order, opened, signed, units));
  }

  look(order: PaymentOrder): Promise<Outcome<ChainState>> {
    return this.#ask(order, (backend) => backend.look(order));
  }

  async #ask<T>(
    order: PaymentOrder,
    act: (backend: SessionBackend) => Promise<Outcome<T>>,
  ): Promise<Outcome<T>> {
    const backend = this.#of(order);
    return typeof backend === 'string' ? unknown(backend) : act(backend);
  }

  /** The backend that serves an order, or why none does. */
  #of({ payload }: PaymentOrder): SessionBackend | string {
    const { network, authorization, extensions } = (payload as CreateRequest).paymentPayload;
    const { offer } = this.#current;
    const { seller } = extensions.session;
    if (network !== offer.network) return `it is on ${network}, which is not configured any more`;
    if (seller !== offer.seller) return `it is paid to ${seller}, whose key is not configured any more`;
    const escrow = authorization.to;
    if (escrow === offer.escrow) return this.#current;
    const known = this.#earlier.get(escrow) ?? this.#at(escrow);
    this.#earlier.set(escrow, known);
    return known;
  }
}
