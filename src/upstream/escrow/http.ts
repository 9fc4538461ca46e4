/**
 * `unsent`: no connection could be made, so the other side has not heard of the request.
 * `unanswered`: it may have been carried out, and there is no answer to it.
 */
export type HttpCode = 'unsent' | 'unanswered';

/** A request that got no reply. Its message does not hold the address, which may have a key in it. */
export class HttpError extends Error {
  override readonly name = 'HttpError';
  readonly code: HttpCode;

  constructor(code: HttpCode, message: string, cause?: unknown) {
    super(message, { cause });
    this.code = code;
  }
}

export interface HttpReply {
  readonly status: number;
  /** What the body holds when it is JSON, else undefined. */
  readonly body: unknown;
}

export interface HttpRequest {
  /** Sent as JSON with POST; without it the request is a GET. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** For the whole exchange, in ms. */
  readonly timeoutMs: number;
  /** A longer reply is not read. */
  readonly maxBytes: number;
}

/** Failures of the connection before anything was sent (Node's system errors, and those of its HTTP client). */
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

/** One exchange of JSON. Redirects are replies like any other: nobody is sent elsewhere. @throws {@link HttpError} */
export async function exchange(url: string, request: HttpRequest): Promise<HttpReply> {
  const { body, headers, timeoutMs, maxBytes } = request;
  try {
    const response = await fetch(url, {
      redirect: 'manual',
      signal: AbortSignal.timeout(timeoutMs),
      headers: { accept: 'application/json', ...(body !== undefined && json), ...headers },
      ...(body !== undefined && { method: 'POST', body: JSON.stringify(body) }),
    });
    return { status: response.status, body: parsed(await textOf(response, maxBytes)) };
  } catch (cause) {
    throw new HttpError(codeOf(cause), 'no reply', cause);
  }
}

const json = { 'content-type': 'application/json' };

async function textOf(response: Response, maxBytes: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    length += chunk.byteLength;
    if (length > maxBytes) throw new Error(`the reply is longer than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function codeOf(error: unknown): HttpCode {
  const cause = error instanceof Error ? error.cause : undefined;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  return unsent.has(code) ? 'unsent' : 'unanswered';
}
