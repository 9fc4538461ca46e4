/** Longer than any reply that is waited for here, in bytes. */
const longestReply = 256 * 1024;

/** A reply over HTTP. */
export interface HttpReply {
  readonly status: number;
  /** Undefined when it is no JSON, or not all of it came. */
  readonly body: unknown;
}

/**
 * `unsent`: no connection could be made, so the other side has not heard of the request.
 * `unanswered`: nobody can say whether it was carried out.
 */
export type HttpCode = 'unsent' | 'unanswered';

/** No reply. Its message holds no address, which may have a key in it. */
export class HttpError extends Error {
  override readonly name = 'HttpError';
  readonly code: HttpCode;

  constructor(cause: unknown) {
    super(reasonOf(cause), { cause });
    this.code = unsent.has(codeOf(cause)) ? 'unsent' : 'unanswered';
  }
}

/** Failures before anything was sent (Node's system errors, and those of its HTTP client). */
const unsent = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);

/**
 * Sends JSON once, or with no `body` asks for it. Redirects are not followed: another server was never configured.
 * @param headers beside those that say that it is JSON
 * @throws {@link HttpError}
 */
export async function requestJson(
  url: string,
  timeoutMs: number,
  body?: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<HttpReply> {
  try {
    const response = await fetch(url, {
      method: body === undefined ? 'GET' : 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json', ...headers },
      redirect: 'manual',
      signal: AbortSignal.timeout(timeoutMs),
      ...(body !== undefined && { body }),
    });
    return { status: response.status, body: parse(await textOf(response)) };
  } catch (cause) {
    throw new HttpError(cause);
  }
}

/**
 * Sends text once, or with no `body` asks for it. Redirects are not followed.
 * @throws {@link HttpError}
 */
export async function requestText(
  url: string,
  timeoutMs: number,
  body?: string,
): Promise<{ readonly status: number; readonly text: string }> {
  try {
    const response = await fetch(url, {
      ...{ method: body === undefined ? 'GET' : 'POST', redirect: 'manual' },
      signal: AbortSignal.timeout(timeoutMs),
      ...(body !== undefined && { body, headers: { 'content-type': 'text/plain' } }),
    });
    return { status: response.status, text: await textOf(response) };
  } catch (cause) {
    throw new HttpError(cause);
  }
}

async function textOf(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    length += chunk.byteLength;
    if (length > longestReply) throw new Error('the reply is too long');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function reasonOf(cause: unknown): string {
  const { name, message } = cause as Error;
  if (name === 'TimeoutError') return 'no reply in time';
  if (codeOf(cause) === 'ECONNREFUSED') return 'the connection is refused';
  return message === 'the reply is too long' ? message : 'no reply';
}

function codeOf(error: unknown): string {
  const { cause } = error as Error;
  // Node's client has it in the cause, Bun's in the error itself.
  const known = cause instanceof Error && 'code' in cause ? cause.code : (error as { code?: unknown }).code;
  return typeof known === 'string' ? known : '';
}
