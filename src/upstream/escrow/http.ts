/** Longer than any reply that is waited for here, in bytes. */
const longestReply = 256 * 1024;

/** A reply over HTTP. */
export interface HttpReply {
  readonly status: number;
  /** Undefined when it is no JSON, or not all of it came. */
  readonly body: unknown;
}

/** No reply: nobody can say whether the request was carried out. Its message holds no address, which may have a key in it. */
export class HttpError extends Error {
  override readonly name = 'HttpError';
  readonly code = 'unreachable';
}

/**
 * Sends JSON once, or with no `body` asks for it. Redirects are not followed: another server was never configured.
 * @throws {@link HttpError}
 */
export async function requestJson(url: string, timeoutMs: number, body?: string): Promise<HttpReply> {
  try {
    const response = await fetch(url, {
      method: body === undefined ? 'GET' : 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json' },
      redirect: 'manual',
      signal: AbortSignal.timeout(timeoutMs),
      ...(body !== undefined && { body }),
    });
    return { status: response.status, body: parse(await textOf(response)) };
  } catch (cause) {
    throw new HttpError(reasonOf(cause), { cause });
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
  const { name, message, cause: inner } = cause as Error;
  if (name === 'TimeoutError') return 'no reply in time';
  const { code } = (inner ?? {}) as { code?: unknown };
  if (code === 'ECONNREFUSED') return 'the connection is refused';
  return message === 'the reply is too long' ? message : 'no reply';
}
