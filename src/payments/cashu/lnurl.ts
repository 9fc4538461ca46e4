import { refuse } from '../../domain/refuse.js';
import { HttpError, type requestJson } from '../../http/request.js';
import type { Result } from '../../ports/result.js';
import { isFor } from './bolt11.js';

/** How long a provider of Lightning addresses may take, in ms. */
const patienceMs = 10_000;

/** Asks the provider of a Lightning address for an invoice (LUD-06, LUD-16). */
export class LightningAddress {
  readonly #address: string;
  readonly #request: typeof requestJson;

  /** @param address `name@domain` */
  constructor(address: string, request: typeof requestJson) {
    this.#address = address;
    this.#request = request;
  }

  /** An invoice over so many satoshis, or over the most that the provider takes. */
  async invoice(most: number): Promise<Result<{ readonly sats: number; readonly invoice: string }>> {
    const [name, domain] = this.#address.split('@') as [string, string];
    const said = await this.#ask(`https://${domain}/.well-known/lnurlp/${encodeURIComponent(name)}`);
    const { tag, callback, minSendable: least, maxSendable: limit } = said ?? {};
    const areLimits = Number.isSafeInteger(least) && Number.isSafeInteger(limit);
    const to = typeof callback === 'string' && URL.canParse(callback) ? new URL(callback) : undefined;
    if (tag !== 'payRequest' || !areLimits || to?.protocol !== 'https:') {
      return refuse('upstream_silent', `${this.#address} gives no invoice`);
    }
    const sats = Math.min(most, Math.floor((limit as number) / 1000));
    if (sats < 1 || sats * 1000 < (least as number)) {
      return refuse('bad_amount', `${this.#address} takes no less than ${Number(least) / 1000} sat`);
    }
    to.searchParams.set('amount', String(sats * 1000));
    const { pr } = (await this.#ask(to.href)) ?? {};
    if (typeof pr !== 'string' || !isFor(pr, sats)) {
      return refuse(
        'bad_amount',
        `${this.#address} gives no invoice over the ${sats} sat that it was asked for`,
      );
    }
    return { ok: true, value: { sats, invoice: pr } };
  }

  async #ask(url: string): Promise<Record<string, unknown> | undefined> {
    try {
      const { status, body } = await this.#request(url, patienceMs);
      return status === 200 && typeof body === 'object'
        ? ((body ?? undefined) as Record<string, unknown>)
        : undefined;
    } catch (cause) {
      if (!(cause instanceof HttpError)) throw cause;
      return undefined;
    }
  }
}
