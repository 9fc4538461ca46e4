// The provider of the owner's Lightning address (LUD-06, LUD-16), in this process.
import { HttpError, type HttpReply } from '../../../src/http/request.js';
import type { TestMint } from './mint.js';

export const ownersAddress = 'rosa@wallet.example';

export class OwnersWallet {
  readonly asked: string[] = [];
  /** In thousandths of a satoshi. */
  limits = { minSendable: 1000, maxSendable: 1_000_000_000 };
  /** It does not answer. */
  isAway = false;
  /** What it makes invoices over when it is asked for so many satoshis. */
  over = (sats: number) => sats;
  readonly #mint: TestMint;

  constructor(mint: TestMint) {
    this.#mint = mint;
  }

  /** Stands in for `requestJson`. */
  async request(url: string): Promise<HttpReply> {
    this.asked.push(url);
    if (this.isAway) throw new HttpError(new Error('away'));
    const { origin, pathname, searchParams } = new URL(url);
    if (origin !== 'https://wallet.example') return { status: 404, body: undefined };
    if (pathname === '/.well-known/lnurlp/rosa') {
      const callback = 'https://wallet.example/pay?to=rosa';
      return { status: 200, body: { tag: 'payRequest', callback, ...this.limits } };
    }
    const sats = Number(searchParams.get('amount')) / 1000;
    return { status: 200, body: { pr: this.#mint.invoiceOver(this.over(sats)), routes: [] } };
  }
}
