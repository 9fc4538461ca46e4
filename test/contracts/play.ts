import * as assert from 'uvu/assert';
import { randomWord, type Wallet } from '../../packages/simulators/wallet.js';
import type { Address, Hex } from '../../src/payments/wallet/typed-data.js';
import type { Action, Of } from './action.js';
import { Model, type Signed } from './model.js';
import { always, purse, type Scene, tokenDomain } from './scene.js';

/** How often each call came out how. */
export const tally: Record<string, number> = {};

/** One sequence of calls, on the chain and in the model. */
export class Play {
  readonly people: readonly Wallet[];
  readonly model: Model;
  readonly signatures: (Signed & { signature: Hex; nonce: Hex })[] = [];
  /** Time of the next block: set before each call, so that the model knows it. */
  #now: bigint;
  readonly #scene: Scene;
  /** The greatest amount of each session for which there is a word of its seller. */
  readonly #words = new Map<Hex, bigint>();

  constructor(scene: Scene, now: bigint) {
    this.#scene = scene;
    this.#now = now;
    this.people = [1, 4, 2, 5, 3].map((key) => scene.wallet(key));
    this.model = new Model(this.people.map((p, i) => [p.address, i < 2 ? purse : 0n]));
  }

  async take(step: Action): Promise<void> {
    this.#now += step.do === 'pass' ? BigInt(step.minutes) * 60n : 1n;
    await this.#scene.chain.rpc('evm_setNextBlockTimestamp', [Number(this.#now)]);
    if (step.do === 'pass') await this.#scene.chain.mine();
    else if (step.do === 'sign') await this.#sign(step);
    else if (step.do === 'open') await this.#open(step);
    else if (step.do === 'block') await this.#block(step);
    else await this.#call(step);
    await this.#compare();
  }

  /** Everybody's money comes home: each session is closed, everything owed is withdrawn. */
  async finish(): Promise<void> {
    for (const who of [0, 1, 2, 3]) await this.take({ do: 'block', who, on: false });
    await this.take({ do: 'pass', minutes: 600 });
    for (let at = 0; at < this.model.sessions.size; at += 1) await this.take({ do: 'close', by: 4, at });
    for (const who of [0, 1, 2, 3]) await this.take({ do: 'withdraw', by: 4, who });
    assert.is(await this.#scene.balance(this.#scene.escrow.address), 0n);
    assert.is(this.model.held(), 0n);
  }

  async #open({ by, to, deposit, price, hours }: Of<'open'>): Promise<void> {
    const [buyer, seller] = [this.people[by]!, this.people[to]!.address];
    const duration = BigInt(hours + 1) * 3600n;
    const terms = this.#scene.terms({ seller, totalDeposit: deposit, pricePerUnit: price, duration });
    const { signature } = await buyer.authorize(terms, tokenDomain, always);
    const call = [terms, { from: buyer.address, ...always, signature }];
    const may = this.model.canOpen(buyer.address, deposit, price);
    const events = await this.#must(may, this.people[4]!.address, 'createSessionWithAuthorization', call);
    if (!events) return;
    const { sessionId } = events.SessionCreated![0] as { sessionId: Hex };
    const expiresAt = this.#now + duration;
    this.model.open(sessionId, { buyer: buyer.address, seller, deposit, price, expiresAt });
  }

  async #sign({ by, at, units, jump }: Of<'sign'>): Promise<void> {
    const found = this.#session(at);
    if (!found) return;
    const before = found.session.used + jump < 0n ? 0n : found.session.used + jump;
    const nonce = randomWord();
    const message = { sessionId: found.id, units, unitsUsedBefore: before, nonce };
    // Mostly the buyer; whoever else signs, signs in vain.
    const signer = by < 4 ? this.people.find((p) => p.address === found.session.buyer)! : this.people[by]!;
    const signature = await signer.consume(message);
    this.signatures.push({ sessionId: found.id, by: signer.address, units, before, signature, nonce });
  }

  async #block({ who, on }: Of<'block'>): Promise<void> {
    const { address } = this.people[who]!;
    await this.#scene.token.must(this.people[4]!.address, 'setBlocked', address, on);
    if (on) this.model.blocked.add(address);
    else this.model.blocked.delete(address);
  }

  async #call(
    step: Of<'consume' | 'close' | 'closeSigned' | 'name' | 'requestClose' | 'withdraw'>,
  ): Promise<void> {
    const caller = this.people[step.by]!.address;
    if (step.do === 'withdraw') {
      const { address } = this.people[step.who]!;
      const call = [this.#scene.token.address, address];
      await this.#must(this.model.withdraw(address), caller, 'withdraw', call);
    } else if (step.do === 'consume') await this.#consume(step, caller);
    else if (step.do === 'name') await this.#name(step, caller);
    else await this.#end(step, caller);
  }

  async #consume({ which }: Of<'consume'>, caller: Address): Promise<void> {
    // Mostly the newest ones, which can still be good.
    const signed = this.signatures.at(-1 - (which % 4));
    if (!signed) return;
    const { sessionId, units, before, signature, nonce } = signed;
    const may = this.model.consume(signed, caller);
    const call = [sessionId, units, signature, nonce];
    if (!(await this.#must(may, caller, 'consumeUnits', call))) return;
    this.#named(sessionId, (before + units) * this.model.sessions.get(sessionId)!.price);
  }

  /** From what is consumed up to what was signed, and beyond. */
  async #name({ method, signer, which, share, off }: Of<'name'>, caller: Address): Promise<void> {
    const signed = this.signatures.at(-1 - (which % 4));
    if (!signed) return;
    const { sessionId, units, before, signature, nonce } = signed;
    const session = this.model.sessions.get(sessionId)!;
    const span = before + units - session.used;
    // Below nothing there is no amount to sign.
    const beyond = session.used + (span * share) / 100n;
    const total = beyond < 0n ? 0n : beyond;
    const amount = total * session.price + (off === 0 ? 1n : 0n);
    const by = this.people[signer] ?? this.people.find((p) => p.address === session.seller)!;
    const message = { sessionId, consumedAmount: amount };
    const isSeller = caller === session.seller;
    const isClose = method === 'closeSessionAt';
    const word = isSeller ? '0x' : await (isClose ? by.close(message) : by.charge(message));
    const namer = isSeller ? caller : by.address;
    if (namer === session.seller) this.#named(sessionId, amount);
    const may = isClose
      ? this.model.closeAt(signed, namer, amount)
      : this.model.consumeAt(signed, namer, amount);
    const call = [sessionId, amount, word, units, before, signature, nonce];
    if (!(await this.#must(may, caller, method, call))) return;
    const consumed = (await this.#scene.escrow.read<bigint[]>('getSession', sessionId))[3];
    assert.is(consumed, amount, 'the seller gets what he asked for');
    assert.ok(amount <= (before + units) * session.price, 'and it was signed for');
  }

  async #end(step: Of<'close' | 'closeSigned' | 'requestClose'>, caller: Address): Promise<void> {
    const found = this.#session(step.at);
    if (!found) return;
    const { id, session } = found;
    if (step.do === 'close')
      await this.#must(this.model.close(id, caller, this.#now), caller, 'closeSession', [id]);
    if (step.do === 'requestClose')
      await this.#must(this.model.requestClose(id, caller, this.#now), caller, 'requestClose', [id]);
    if (step.do !== 'closeSigned') return;
    const consumedAmount = session.used * session.price + step.off;
    const signer = this.people[step.signer]!;
    const signature = await signer.close({ sessionId: id, consumedAmount });
    const may = this.model.closeSigned(id, signer.address, consumedAmount);
    await this.#must(may, caller, 'closeSessionWithSignature', [id, consumedAmount, signature]);
  }

  async #must(may: boolean, from: Address, method: string, call: unknown[]) {
    const outcome = await this.#scene.escrow.send(from, method, ...call);
    const result = `${method}: ${outcome.ok ? 'done' : outcome.reason}`;
    assert.is(outcome.ok, may, result);
    tally[result] = (tally[result] ?? 0) + 1;
    return outcome.ok ? outcome.events : undefined;
  }

  /** The seller has given a word for so much. */
  #named(sessionId: Hex, amount: bigint): void {
    const before = this.#words.get(sessionId) ?? 0n;
    if (amount > before) this.#words.set(sessionId, amount);
  }

  async #compare(): Promise<void> {
    for (const [id, { used, price }] of this.model.sessions)
      assert.ok(used * price <= (this.#words.get(id) ?? 0n), 'nothing is charged without the seller’s word');
    const held = this.#scene.balance(this.#scene.escrow.address);
    const balances = await Promise.all(this.people.map((p) => this.#scene.balance(p.address)));
    assert.equal(balances, [...this.model.balances.values()]);
    assert.is(await held, this.model.held());
    const all = balances.reduce((a, b) => a + b, await held);
    assert.is(all, 2n * purse, 'paid out and held is what was paid in');
  }

  #session(at: number) {
    const ids = [...this.model.sessions.keys()];
    const id = ids[at % Math.max(1, ids.length)];
    return id && { id, session: this.model.sessions.get(id)! };
  }
}
