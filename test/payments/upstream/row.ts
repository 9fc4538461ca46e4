// A router that buys its own Internet from turnpike's TollGate in this process, with tokens that it has earned.
import type { Entry } from '../../../src/payments/cashu/entry.js';
import type { PurseSpending } from '../../../src/payments/cashu/spending.js';
import { Buyer } from '../../../src/payments/upstream/buyer.js';
import type { UpstreamPurchaseConfig } from '../../../src/payments/upstream/section.js';
import type { PaymentParts } from '../../../src/ports/payment-method.js';
import { gateway, load } from '../../config/load.js';
import { mac } from '../../engine/world.js';
import { Gate } from '../../web/tollgate/gate.js';
import { mintAt } from '../cashu/coins.js';
import { CashuShop } from '../cashu/shop.js';

/** What becomes of one request to the seller. */
type Fate = 'unheard' | 'unanswered' | 'refused';

/** The router that buys, and the one that sells to it. */
export class Row {
  readonly seller: Gate;
  readonly router: CashuShop;
  buyer!: Buyer;
  fate: (path: string, token?: string) => Fate | undefined = () => undefined;
  readonly sent: string[] = [];
  config = configOf();

  private constructor(seller: Gate, router: CashuShop) {
    this.seller = seller;
    this.router = router;
  }

  /** @param coins that the router has earned */
  static async open(coins: readonly number[], options: Partial<UpstreamPurchaseConfig> = {}): Promise<Row> {
    const seller = await Gate.open();
    const router = await CashuShop.open(seller.shop.mint);
    const worth = coins.reduce((all, one) => all + one, 0);
    const proofs = seller.shop.mint.issue(worth, [...coins]);
    const entry = {
      ...{ id: 'e', state: 'over', key: 'k', mac: mac(1), at: 0, mint: mintAt, unit: 'sat' },
      ...{ steps: 1, unitPrice: worth, worth, inputs: [], parts: [], tries: [] },
      pieces: [{ steps: 1, proofs, whose: 'seller' }],
    } satisfies Entry;
    router.safe.kept.set('e', entry);
    const row = new Row(seller, router);
    row.config = { ...row.config, ...options };
    await row.crash();
    return row;
  }

  /** Loses what is not on the disk, and starts again. */
  async crash(): Promise<void> {
    await this.router.crash();
    const { clock } = this.router.world;
    const parts = { clock, log: () => {}, methods: () => this.router.payments.methods };
    this.buyer = new Buyer(this.config, parts as unknown as PaymentParts, async (path, body) => {
      if (body !== undefined) this.sent.push(body);
      const fate = this.fate(path, body);
      if (fate === 'unheard') throw new Error('no reply');
      if (fate === 'refused') return { status: 402, text: '' };
      const answer = body === undefined ? await this.seller.ask(path) : await this.seller.pay(body);
      if (fate === 'unanswered') throw new Error('no reply');
      return { status: answer.status, text: answer.body };
    });
  }

  /** All that has come back is swapped. */
  mend(): Promise<void> {
    return (this.router.method.spending as PurseSpending).mend();
  }

  /** The router's device moves so much through the seller. */
  async carry(bytes: number): Promise<void> {
    const { portal, clock } = this.seller.shop.world;
    portal.carry(mac(1), bytes, 0);
    await clock.pass(3_000);
  }

  get why(): string {
    return this.buyer.standing.error;
  }

  get left(): unknown {
    return this.buyer.standing.bought!.left;
  }

  get spentToday(): unknown {
    return this.buyer.standing.bought!.spent_today;
  }

  /** What the router has, by its own count, after a look at all its coins. */
  purse(): number {
    return Number(this.router.method.held!()[0]!.seller.amount);
  }

  /** What the seller lets the router move in all, in bytes. */
  get granted(): number {
    const { book } = this.seller.shop.world.engine.accounts;
    return book.runningOfMac(mac(1)).reduce((sum, { granted }) => sum + (granted.bytes ?? 0), 0);
  }
}

/** 100 sat at once, 250 a day. */
function configOf(): UpstreamPurchaseConfig {
  const text = `config upstream_purchase 'upstream_purchase'
	option enabled '1'
	list mint '${mintAt}'
	option day_limit '250'
`;
  return load(`${gateway}${text}`).upstreams.upstream_purchase as UpstreamPurchaseConfig;
}
