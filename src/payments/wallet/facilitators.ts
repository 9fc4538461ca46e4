import { HttpError, type HttpReply, requestJson } from '../../http/request.js';
import { codes } from './codes.js';
import { plainText } from './plain-text.js';

/**
 * What the facilitators answered to a request. `refused`: each of them refuses it for good. `silent`: at least one of
 * them may have carried it out.
 */
export type Said =
  | { readonly is: 'done' }
  | { readonly is: 'pending'; readonly detail: string }
  | { readonly is: 'refused'; readonly code: string; readonly detail: string }
  | { readonly is: 'silent'; readonly detail: string };

/** The facilitators of one escrow. Whatever they say, the chain has the last word. */
export class Facilitators {
  readonly #urls: readonly string[];
  readonly #timeoutMs: number;
  readonly #silent: () => void;
  /** Why none of them answered the last request; empty when one did. */
  #error = '';
  #answered = false;

  /** @param urls in the order in which they are asked. @param silent told that one of them did not answer */
  constructor(urls: readonly string[], timeoutMs: number, silent = () => {}) {
    this.#urls = urls.map((url) => url.replace(/\/+$/, ''));
    this.#timeoutMs = timeoutMs;
    this.#silent = silent;
  }

  /** Why the last request had no answer; empty when it had one, or none was made. */
  get error(): string {
    return this.#error;
  }

  /** Whether one of them has ever answered. */
  get answered(): boolean {
    return this.#answered;
  }

  /**
   * Sends a request to one facilitator after the other until one takes it. Several may get the same request: the
   * contract carries it out once.
   */
  async ask(path: string, body: object): Promise<Said> {
    const text = JSON.stringify(body);
    let refused: Said | undefined;
    let silent: Said | undefined;
    for (const url of this.#urls) {
      const said = await this.#askOne(url + path, text);
      if (said.is === 'done' || said.is === 'pending') return said;
      if (said.is === 'refused') refused ??= said;
      else silent ??= said;
    }
    return silent ?? refused ?? { is: 'silent', detail: 'no facilitator' };
  }

  /** Whether one of them is there. @returns what is wrong, or undefined */
  async test(): Promise<string | undefined> {
    let error = 'no facilitator';
    for (const url of this.#urls) {
      try {
        const { status } = await requestJson(`${url}/healthz`, this.#timeoutMs);
        if (status === 200) return undefined;
        error = `the facilitator answers with status ${status}`;
      } catch (cause) {
        error = `the facilitator: ${(cause as HttpError).message}`;
      }
    }
    return error;
  }

  async #askOne(url: string, body: string): Promise<Said> {
    try {
      const said = sayingOf(await requestJson(url, this.#timeoutMs, body));
      this.#answered = true;
      this.#error = said.is === 'silent' ? said.detail : '';
      if (said.is === 'silent') this.#silent();
      return said;
    } catch (cause) {
      if (!(cause instanceof HttpError)) throw cause;
      this.#error = `the facilitator: ${cause.message}`;
      this.#silent();
      return { is: 'silent', detail: this.#error };
    }
  }
}

/**
 * Reads a reply. It counts as a refusal only if its code is one that the API calls permanent, with the status that
 * belongs to the code: anything else, such as the page of a proxy or an unknown code, says nothing about the request.
 */
export function sayingOf({ status, body }: HttpReply): Said {
  if (typeof body !== 'object' || body === null)
    return { is: 'silent', detail: `the facilitator answers with status ${status} and no JSON` };
  const { success, code, error } = body as { success?: unknown; code?: unknown; error?: unknown };
  if (status === 200 && success === true) return { is: 'done' };
  const word = isWord(code) ? code : `status ${status}`;
  if (status === 202) return { is: 'pending', detail: word };
  const known = isWord(code) && Object.hasOwn(codes, code) ? codes[code as keyof typeof codes] : undefined;
  if (success === false && known?.status === status && !known.retryable)
    return { is: 'refused', code: word, detail: plainText(error) };
  return { is: 'silent', detail: `the facilitator cannot now: ${word}` };
}

function isWord(code: unknown): code is string {
  return typeof code === 'string' && /^[a-z_]{1,40}$/.test(code);
}
