import { codes } from '../payments/wallet/codes.js';
import type { Hex } from '../payments/wallet/typed-data.js';
import type { SessionReply, SessionsReply, SessionView, StatsReply } from '../payments/wallet/wire.js';
import { closeGoal } from './close.js';
import { consumeGoal } from './consume.js';
import { createGoal } from './create.js';
import { FacilitatorError } from './error.js';
import type { Goal } from './goal.js';
import type { Journal } from './journal.js';
import type { Lookup } from './lookup.js';
import type { Network } from './network.js';
import type { Operation } from './operation.js';
import type { Operations } from './operations.js';
import { settleGoal, verify } from './payment.js';
import {
  type CloseOrder,
  type ConsumeOrder,
  type CreateOrder,
  type LookupOrder,
  type PaymentOrder,
  readClose,
  readConsume,
  readCreate,
  readPayment,
} from './requests.js';
import { replyTo } from './revert.js';
import { supported } from './x402.js';

/** Who asks for a payment to be settled. */
export interface Caller {
  /** Names one purchase of the seller's (`Idempotency-Key`); empty where none is named. */
  readonly key: string;
  /** Whether the connection is gone, so that nobody can hear the answer. */
  isGone(): boolean;
}

/** The session API without HTTP. Calls throw {@link FacilitatorError}, whose code is the reply's. */
export class SessionService {
  readonly #networks: ReadonlyMap<string, Network>;
  readonly #journal: Journal;
  readonly #operations: Operations;
  readonly #opensSessions: boolean;
  readonly #lookup: Lookup;

  constructor(
    networks: ReadonlyMap<string, Network>,
    parts: { journal: Journal; operations: Operations; lookup: Lookup; opensSessions: boolean },
  ) {
    this.#networks = networks;
    this.#journal = parts.journal;
    this.#operations = parts.operations;
    this.#opensSessions = parts.opensSessions;
    this.#lookup = parts.lookup;
  }

  create(order: CreateOrder): Promise<object> {
    return this.#perform(() => this.#createGoal(order));
  }

  consume(order: ConsumeOrder): Promise<object> {
    return this.#perform(() => consumeGoal(this.#networkOf(order), order));
  }

  close(order: CloseOrder): Promise<object> {
    return this.#perform(() => closeGoal(this.#networkOf(order), order));
  }

  /**
   * x402's `POST /settle`. Whoever is told of a success serves it, so one caller is: who presents the same payment
   * beside or after them is refused, as the chain refuses the second use of an authorization.
   */
  settle(order: PaymentOrder, caller: Caller): Promise<object> {
    return replying(async () => {
      const goal = await this.#settleGoal(order);
      const reply = await this.#operations.perform(goal);
      if (caller.isGone()) throw new FacilitatorError('settlement_pending', 'nobody is there to be told');
      if (!this.#journal.tell(goal.request.id, caller.key)) throw toldBefore(reply);
      return reply;
    });
  }

  /** x402's `POST /verify`. */
  verify(order: PaymentOrder): Promise<object> {
    return replying(async () => {
      await verify(await this.#settleGoal(order), this.#operations);
      return { isValid: true, payer: order.paymentPayload.payload.authorization.from };
    });
  }

  /** x402's `GET /supported`. */
  supported(): object {
    return supported(this.#opensSessions ? [...this.#networks.values()] : []);
  }

  async session({ network: id, id: sessionId }: { network: string; id: Hex }): Promise<SessionReply> {
    const network = this.#network(id);
    try {
      return { success: true, session: network.view(sessionId, await network.session(sessionId)) };
    } catch (cause) {
      const error = replyTo(cause);
      const pending = this.#journal.pendingCreate(id, sessionId);
      if (error.code !== 'unknown_session' || !pending) throw error;
      return { success: true, session: viewOfPending(pending) };
    }
  }

  /** @param bearer the operator's token, if the request has one */
  async sessions(order: LookupOrder, bearer: string | undefined): Promise<SessionsReply> {
    return replying(() => this.#lookup.sessions(this.#network(order.network), order, bearer));
  }

  stats(): StatsReply {
    return this.#journal.stats(Math.floor(Date.now() / 1000));
  }

  /** `unpaid`: networks on which no signer can pay for a transaction, as far as is known. */
  async health(): Promise<{ ok: boolean; networks: string[]; unpaid: string[]; opensSessions: boolean }> {
    const all = [...this.#networks.values()];
    const paid = await Promise.all(all.map(({ purse }) => purse.canPay()));
    const unpaid = all.filter((_, i) => paid[i] === false).map(({ id }) => id);
    const networks = all.map(({ id }) => id);
    return { ok: unpaid.length === 0, networks, unpaid, opensSessions: this.#opensSessions };
  }

  /** Goes on with an operation of the journal that has not ended. Resolves when it is under way. */
  async resume(operation: Operation): Promise<void> {
    try {
      this.#operations.resume(await this.#goalOf(operation));
    } catch (cause) {
      const error = replyTo(cause);
      if (codes[error.code].retryable) throw error;
      this.#journal.finish(operation, 'refused', error.code);
    }
  }

  #perform(goal: () => Goal | Promise<Goal>): Promise<object> {
    return replying(async () => this.#operations.perform(await goal()));
  }

  #goalOf({ kind, network: id, request }: Operation): Goal | Promise<Goal> {
    const network = this.#network(id);
    const order: unknown = JSON.parse(request);
    if (kind === 'create') return createGoal(network, readCreate(order));
    if (kind === 'settle') return settleGoal(network, readPayment(order), this.#journal);
    return kind === 'consume'
      ? consumeGoal(network, readConsume(order))
      : closeGoal(network, readClose(order));
  }

  #createGoal(order: CreateOrder): Goal {
    return this.#opened(createGoal(this.#network(order.paymentPayload.network), order));
  }

  async #settleGoal(order: PaymentOrder): Promise<Goal> {
    const network = this.#network(order.paymentRequirements.network);
    return this.#opened(await settleGoal(network, order, this.#journal));
  }

  /** Refuses a goal that would be new here while nothing new is begun. */
  #opened(goal: Goal): Goal {
    if (!this.#opensSessions && !this.#journal.operation(goal.request.id))
      throw new FacilitatorError('sessions_disabled', 'no sessions are opened here');
    return goal;
  }

  /** Refuses a session id that is known, but only on another network. */
  #networkOf({ network: id, sessionId }: { network: string; sessionId: Hex }): Network {
    const network = this.#network(id);
    const elsewhere = this.#journal.networksOf(sessionId);
    if (elsewhere.length > 0 && !elsewhere.includes(id))
      throw new FacilitatorError('wrong_network', `the session is on ${elsewhere.join()}`);
    return network;
  }

  #network(id: string): Network {
    const network = this.#networks.get(id);
    if (!network) throw new FacilitatorError('unknown_network', `${id} is not served here`);
    return network;
  }
}

/** Whatever goes wrong becomes a {@link FacilitatorError}. */
async function replying<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw replyTo(cause);
  }
}

/** The transaction is named: a seller who lost the answer looks it up in their books and on the chain. */
function toldBefore(reply: object): FacilitatorError {
  const { transaction } = reply as { readonly transaction: Hex };
  return new FacilitatorError('duplicate_settlement', 'this payment was settled and told before', {
    known: { transaction },
  });
}

/** What a session will be when its deposit is confirmed. */
function viewOfPending({ network, sessionId, request }: Operation): SessionView {
  const { paymentPayload, paymentRequirements } = readCreate(JSON.parse(request));
  const { pricePerUnit, maxUnits, seller } = paymentPayload.extensions.session;
  const deposit = `${paymentRequirements.amount}`;
  return {
    sessionId,
    network,
    buyer: paymentPayload.authorization.from,
    seller,
    token: paymentRequirements.asset,
    totalDeposit: deposit,
    pricePerUnit: `${pricePerUnit}`,
    consumedAmount: '0',
    remainingAmount: deposit,
    unitsUsed: '0',
    remainingUnits: `${maxUnits}`,
    expiresAt: 0,
    closableAt: 0,
    serveUntil: 0,
    status: 'pending',
  };
}
