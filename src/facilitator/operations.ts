import type { Block } from '../payments/wallet/node-replies.js';
import { RpcError } from '../payments/wallet/rpc.js';
import type { Log } from '../ports/log.js';
import { FacilitatorError } from './error.js';
import type { Goal, Reached } from './goal.js';
import type { Journal } from './journal.js';
import type { Network } from './network.js';
import { isBegun, type Operation } from './operation.js';
import { replyTo } from './revert.js';
import { Turns } from './turns.js';

/** Failures after which an operation goes on: they do not say whether it took effect. */
const passing = ['chain_unreachable', 'overloaded'];

/** How an operation ended, for the metrics. */
export type Ended = (kind: Operation['kind'], outcome: string, seconds: number) => void;

/**
 * Reaches goals. Each operation runs once, however often it is asked for; operations of one session run one after the
 * other.
 *
 * An operation goes on when nobody waits for it any more, and after a restart.
 */
export class Operations {
  readonly #journal: Journal;
  readonly #replyTimeoutMs: number;
  readonly #log: Log;
  readonly #ended: Ended;
  readonly #running = new Map<string, Promise<object>>();
  readonly #turns = new Turns();
  readonly #waiting = new Set<() => void>();
  /** Operations whose goal the chain has reached, by anybody's transaction, with too few confirmations so far. */
  readonly #unconfirmed = new Set<string>();
  #closed = false;

  constructor(journal: Journal, parts: { replyTimeoutMs: number; log: Log; ended: Ended }) {
    this.#journal = journal;
    this.#replyTimeoutMs = parts.replyTimeoutMs;
    this.#log = parts.log;
    this.#ended = parts.ended;
  }

  /**
   * Reaches a goal and says so, or waits until the time for a reply is over.
   * @returns the body of the reply: for a repeat, that of the first time.
   * @throws {@link FacilitatorError}
   */
  async perform(goal: Goal): Promise<object> {
    const reply = await this.#wait(this.#run(goal));
    if (reply === undefined) throw this.#unfinished(goal);
    return reply;
  }

  /** Whether an operation is under way, or was carried out by this server. */
  isBegun(id: string): boolean {
    return this.#running.has(id) || isBegun(this.#journal.operation(id));
  }

  /** Continues an operation that an earlier process began. */
  resume(goal: Goal): void {
    this.#run(goal).catch((cause: Error) => {
      this.#log('warn', `${goal.request.kind} of ${goal.request.sessionId}: ${cause.message}`);
    });
  }

  /** Replies now to all who wait, and begins nothing more. What is on its way is found at the next start. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const stop of this.#waiting) stop();
    await Promise.allSettled(this.#running.values());
  }

  /** @returns undefined when the time for a reply is over, or the server goes down */
  async #wait(running: Promise<object>): Promise<object | undefined> {
    let stop = () => {};
    const over = new Promise<undefined>((resolve) => {
      stop = () => resolve(undefined);
    });
    const timer = setTimeout(stop, this.#replyTimeoutMs);
    this.#waiting.add(stop);
    try {
      return await Promise.race([running, over]);
    } finally {
      clearTimeout(timer);
      this.#waiting.delete(stop);
    }
  }

  #run(goal: Goal): Promise<object> {
    const { id, network, sessionId } = goal.request;
    const running = this.#running.get(id);
    if (running) return running;
    const started = performance.now();
    const run = this.#reached(goal).then(
      (reply) => reply ?? this.#turns.take(`${network} ${sessionId}`, () => this.#drive(goal)),
    );
    this.#running.set(id, run);
    const end = (outcome: string) => {
      this.#running.delete(id);
      this.#unconfirmed.delete(id);
      this.#ended(goal.request.kind, outcome, (performance.now() - started) / 1000);
    };
    run.then(
      () => end('done'),
      (cause) => end(replyTo(cause).code),
    );
    return run;
  }

  /**
   * The reply for what the chain shows already and this server has not done. It is found, and what can never be is
   * refused, outside of the session's queue: nobody can fill that with what is in the past.
   */
  async #reached({ network, request, look }: Goal): Promise<object | undefined> {
    if (this.#journal.operation(request.id)) return undefined;
    const { chain, config } = network;
    await chain.check();
    const block = await chain.latest();
    const reached = await look(block);
    return reached && isConfirmed(reached, config, block) ? reached.reply : undefined;
  }

  async #drive(goal: Goal): Promise<object> {
    const { id } = goal.request;
    const before = this.#journal.operation(id);
    if (before?.state === 'done' && (await this.#stands(goal))) return JSON.parse(before.result!) as object;
    let begun = before !== undefined && before.state !== 'refused';
    while (!this.#closed) {
      try {
        const reached = await this.#step(goal);
        if (reached) {
          this.#journal.finish(goal.request, 'done', JSON.stringify(reached.reply));
          return reached.reply;
        }
      } catch (cause) {
        const error = replyTo(cause);
        begun ||= this.#journal.operation(id)?.state === 'open';
        if (!begun || error.code === 'internal') throw error;
        if (!passing.includes(error.code)) {
          this.#journal.finish(goal.request, 'refused', error.code);
          throw error;
        }
        await goal.network.sender.next();
      }
    }
    throw this.#unfinished(goal);
  }

  /**
   * Looks at the chain, and submits a transaction if the goal needs one.
   * @returns the goal once it has its confirmations
   */
  async #step(goal: Goal): Promise<Reached | undefined> {
    const { network, request, seller, look, admit } = goal;
    const { chain, sender, config, allowance } = network;
    await chain.check();
    // Read this before the look: a transaction that is not pending now has had its effect, if any, by the block looked
    // at.
    const isPending = sender.isPending(request.id);
    const block = await chain.latest();
    const reached = await look(block);
    if (reached && isConfirmed(reached, config, block)) return reached;
    if (reached) this.#unconfirmed.add(request.id);
    else if (!isPending && !(await this.#waitsAgain(goal, block))) {
      await admit(block);
      await sender.submit(goal, (gas) => allowance.take(seller, request.kind, gas));
    }
    await sender.next();
    return undefined;
  }

  /**
   * Whether a reorganisation made a mined transaction wait again.
   * @param block the one in which there was no effect
   * @throws {@link FacilitatorError} `refused_by_chain` when the transaction was mined without effect: its gas is lost,
   * and the call is not paid for a second time, unless it was one of a batch: those may have failed with others. `RpcError`
   * when that cannot be said: of the nodes behind one address some are behind others.
   */
  async #waitsAgain({ network, request, buyer }: Goal, block: Block): Promise<boolean> {
    const isMined = this.#journal.isMined(request.id);
    if (!isMined && !this.#carriersOf(request.id).some((batch) => this.#journal.isMined(batch))) return false;
    await network.sender.takeBack();
    if (network.sender.isPending(request.id)) return true;
    if (!isMined && (await this.#failedTogether(network, request.id, block))) return false;
    for (const hash of this.#journal.hashesOf(request.id)) {
      const receipt = await network.chain.receipt(hash);
      if (receipt && !receipt.ok && buyer) network.allowance.penalise(buyer);
      if (receipt && !receipt.ok)
        throw new FacilitatorError('refused_by_chain', 'it was mined without effect');
      if (receipt && receipt.block <= block.number)
        throw new FacilitatorError('refused_by_chain', 'it was mined, and something else came first');
    }
    throw new RpcError('unreachable', 'the node is behind the one that had the transaction');
  }

  /** Whether a batch was mined by this block, in which the operation had no effect. */
  async #failedTogether({ chain }: Network, operation: string, block: Block): Promise<boolean> {
    for (const batch of this.#journal.batchesOf(operation)) {
      for (const hash of this.#journal.hashesOf(batch)) {
        const receipt = await chain.receipt(hash);
        if (receipt && receipt.block <= block.number) return true;
      }
    }
    return false;
  }

  /** What transactions for an operation are called: batches, oldest first, and itself. */
  #carriersOf(operation: string): string[] {
    return [...this.#journal.batchesOf(operation), operation];
  }

  /** Whether the chain still has what was reached: a reorganisation can take it away. */
  async #stands({ network, look }: Goal): Promise<boolean> {
    try {
      return (await look(await network.chain.latest())) !== undefined;
    } catch (cause) {
      if (!(cause instanceof FacilitatorError)) throw cause;
      // The chain moved on from it: the session was closed, more was consumed, or the event is too old to be found.
      return true;
    }
  }

  #unfinished({ request }: Goal): FacilitatorError {
    if (this.#unconfirmed.has(request.id) || this.#journal.operation(request.id)?.state === 'open') {
      const names = this.#carriersOf(request.id);
      const transaction = names.flatMap((name) => this.#journal.hashesOf(name)).at(-1);
      const known = {
        ...(transaction && { transaction }),
        ...(request.kind === 'create' && { sessionId: request.sessionId }),
      };
      return new FacilitatorError('settlement_pending', 'sent, and not confirmed yet', { known });
    }
    if (this.#closed) return new FacilitatorError('shutting_down', 'the server is going down');
    return new FacilitatorError(
      'session_busy',
      'another operation on this session, or the chain, takes long',
    );
  }
}

/** `confirmations`: its own block is the first. */
function isConfirmed({ blockNumber }: Reached, config: { confirmations: number }, latest: Block): boolean {
  return blockNumber + BigInt(config.confirmations - 1) <= latest.number;
}
