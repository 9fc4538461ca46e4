// An engine that sells for Cashu tokens, on the mint of mint.ts, with a crash at any step.

import { randomBytes } from 'node:crypto';
import type { Mac } from '../../../src/domain/mac.js';
import { parsePrice } from '../../../src/domain/money.js';
import type { PayOrder } from '../../../src/domain/pay-order.js';
import type { Session } from '../../../src/domain/session.js';
import { bytes } from '../../../src/domain/units.js';
import { OrderDesk } from '../../../src/engine/order-desk.js';
import { buildCashu } from '../../../src/payments/cashu/build.js';
import { type Proof, proofsOf } from '../../../src/payments/cashu/ecash.js';
import type { MintPlace } from '../../../src/payments/cashu/section.js';
import type { PaymentMethod, Payments, Returned } from '../../../src/ports/payment-method.js';
import type { Result } from '../../../src/ports/result.js';
import type { Safe } from '../../../src/ports/safe.js';
import { mac, plan, type World, world } from '../../engine/world.js';
import { mintAt } from './coins.js';
import { TestMint } from './mint.js';
import { OwnersWallet, ownersAddress } from './owners-wallet.js';

/** What is on the disk. */
class TestSafe {
  readonly kept = new Map<string, unknown>();
  full = false;

  /** As one process has it open. `step` runs around each write: a kill comes there. */
  opened(step: () => Promise<void>): Safe {
    return {
      all: () => structuredClone([...this.kept]),
      put: async (name, value) => {
        await step();
        if (this.full) throw Object.assign(new Error('no room'), { code: 'storage_full' });
        if (value) this.kept.set(name, structuredClone(value));
        else this.kept.delete(name);
        await step();
      },
    };
  }
}

export interface Order {
  readonly token: string;
  readonly key: string;
  readonly mac?: Mac;
  readonly steps?: number;
}

export const customer = mac(1);

export class CashuShop {
  readonly mint: TestMint;
  readonly safe = new TestSafe();
  /** Of what is paid out. */
  readonly payoutSafe = new TestSafe();
  /** Of the owner, at another provider. */
  readonly wallet: OwnersWallet;
  /** Of orders. */
  readonly orderSafe = new TestSafe();
  orders!: OrderDesk;
  /** Steps until the process is killed; undefined for never. */
  killIn: number | undefined;
  /** It was killed, and not started again. */
  isDead = false;
  world!: World;
  payments!: Payments;
  readonly #takesLightning: boolean;
  readonly #payoutAt: number | undefined;
  #life = 0;

  private constructor(mint: TestMint, takesLightning: boolean, payoutAt: number | undefined) {
    this.#payoutAt = payoutAt;
    this.mint = mint;
    this.wallet = new OwnersWallet(mint);
    this.#takesLightning = takesLightning;
  }

  /** 10 sat for each 1000 bytes, up to 100 steps. */
  static async open(mint = new TestMint(), takesLightning = false, payoutAt?: number): Promise<CashuShop> {
    const shop = new CashuShop(mint, takesLightning, payoutAt);
    shop.world = await world();
    const { notices, portal } = shop.world;
    portal.join(customer);
    notices.push = (...told) => {
      for (const notice of told) shop.payments?.hear?.(notice);
      return Array.prototype.push.apply(notices, told);
    };
    await shop.#start();
    return shop;
  }

  /** Mints as they are configured, from the next start on. */
  places: readonly MintPlace[] = [{ url: mintAt, unit: 'sat', currency: 'SAT', decimals: 0 }];

  get method(): PaymentMethod {
    return this.payments.methods[0]!;
  }

  buy({ token, key, mac: who = customer, steps }: Order): Promise<Result<Session>> {
    const payment = { method: 'cashu', token };
    const order = { mac: who, plan: 'sats', key, payment, ...(steps !== undefined && { steps }) };
    return this.world.commands.purchase(order);
  }

  /** An order that is paid by Lightning. */
  async order(steps = 1, who = customer): Promise<Result<PayOrder>> {
    return this.orders.create({ hook: 'lightning', mac: who, plan: 'sats', steps });
  }

  /** Resolves when the process was killed, or the work is done. */
  async until(work: Promise<unknown>): Promise<void> {
    let killed = () => {};
    const death = new Promise<void>((resolve) => {
      killed = resolve;
    });
    this.#killed = killed;
    await Promise.race([work, death]);
  }

  /** Loses all that is not on the disk, and starts again. @param killIn steps until it is killed again */
  async crash(killIn?: number): Promise<void> {
    this.killIn = killIn;
    // Nothing of the old process goes on.
    this.#life += 1;
    await this.world.crash();
    await this.#start();
  }

  async returned(who = customer): Promise<readonly Returned[]> {
    return this.method.returned!(who);
  }

  /** What the customer has when they ask a while later. */
  async returnedLater(who = customer): Promise<readonly Returned[]> {
    await this.world.clock.pass(121_000);
    return this.returned(who);
  }

  proofs(token: string): Proof[] {
    return proofsOf(token, this.mint.keysets);
  }

  #killed = () => {};

  async #start(): Promise<void> {
    this.isDead = false;
    this.#life += 1;
    const life = this.#life;
    const step = async () => {
      await Promise.resolve();
      if (life !== this.#life) await new Promise(() => {});
      if (this.killIn === undefined || this.killIn-- > 0) return;
      this.isDead = true;
      this.#life += 1;
      this.killIn = undefined;
      this.#killed();
      await new Promise(() => {});
    };
    const request: typeof this.mint.request = async (...asked) => {
      await step();
      const isMint = asked[0].startsWith(mintAt);
      return (isMint ? this.mint.request(...asked) : this.wallet.request(asked[0])).finally(step);
    };
    const safe = this.safe.opened(step);
    const payouts = this.payoutSafe.opened(step);
    const { clock, engine, log } = this.world;
    const parts = {
      ...{ clock, changed: () => {}, deposits: () => [], methods: () => this.payments.methods },
      log: (level: string, text: string) => void log.push(`${level} ${text}`),
      confirm: (...paid: Parameters<OrderDesk['confirm']>) => this.orders.confirm(...paid),
      safe: async (file: string) => (file === 'cashu' ? safe : payouts),
      sessionOf: (key: string) => {
        const [id] = engine.accounts.book.keys.get(key)?.sessions ?? [];
        return id === undefined ? undefined : engine.accounts.upToDate(id);
      },
    };
    const { commands, desk: vouchers } = this.world;
    const bought = this.orderSafe.opened(step);
    const write = (level: string, text: string) => void log.push(`${level} ${text}`);
    this.orders = new OrderDesk(engine, { commands, vouchers }, bought, randomBytes, write);
    const config = {
      ...{ mints: this.places, lightning: this.#takesLightning, windowData: bytes(0), windows: 0 },
      ...{ payoutAt: this.#payoutAt ?? 0, ...(this.#payoutAt !== undefined && { payout: ownersAddress }) },
    };
    this.payments = await buildCashu(config, parts, request);
    this.orders.hooks = this.payments.billings!;
    const plans = new Map([['sats', plan('sats', { prices: [parsePrice('10 SAT')!], maxSteps: 100 })]]);
    const all = [...this.payments.methods, ...this.orders.methods];
    const methods = new Map(all.map((one) => [one.name, one]));
    engine.configure({ ...engine.settings, offer: { plans, methods } });
    await this.orders.resume();
  }
}
