import { createHmac } from 'node:crypto';
import { type ClientRequest, request as http, type IncomingMessage } from 'node:http';
import { request as https } from 'node:https';
import { version } from '../version.js';
import type { Endpoint } from './endpoint.js';

/** Longest wait that an endpoint may ask for, in s. */
const longestWaitS = 86_400;
/** By this status an endpoint says that it wants no more of it (Standard Webhooks). */
const gone = 410;

/** What an endpoint said. */
export type Answer =
  | { readonly ok: true }
  | {
      readonly ok: false;
      readonly error: string;
      /** It is not to be tried again. */
      readonly isGone: boolean;
      /** How long it asks to be left alone, in ms. */
      readonly waitMs: number;
    };

/**
 * Sends a message once, signed as Standard Webhooks say. Redirects are not followed: the operator has named the place,
 * and no other one is told. Nothing of the answer but its status is read.
 * @param now wall clock, ms since 1970
 * @param ended aborts the attempt
 */
export function post(
  endpoint: Endpoint,
  message: { readonly id: string; readonly body: string },
  now: number,
  ended: AbortSignal,
): Promise<Answer> {
  const late = AbortSignal.timeout(endpoint.timeoutMs);
  return new Promise((resolve) => {
    const request = open(endpoint, message, now, AbortSignal.any([ended, late]));
    request.once('response', (response) => {
      resolve(answerIn(response));
      response.on('error', () => {}).destroy();
    });
    request.on('error', (cause: NodeJS.ErrnoException) => {
      const why = late.aborted ? `no answer within ${endpoint.timeoutMs} ms` : (cause.code ?? cause.message);
      resolve(failed(why));
    });
    request.end(message.body);
  });
}

function open(
  { url, secrets }: Endpoint,
  { id, body }: { readonly id: string; readonly body: string },
  now: number,
  signal: AbortSignal,
): ClientRequest {
  const at = Math.floor(now / 1000);
  const signatures = secrets.map((secret) => {
    const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
    return `v1,${createHmac('sha256', key).update(`${id}.${at}.${body}`).digest('base64')}`;
  });
  const headers = {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    'user-agent': `turnpike-hub/${version}`,
    ...{ 'webhook-id': id, 'webhook-timestamp': at, 'webhook-signature': signatures.join(' ') },
  };
  const send = url.startsWith('https:') ? https : http;
  // A connection for each: one that is kept may be closed by the other end just when it is used.
  return send(url, { method: 'POST', headers, signal, agent: false });
}

function answerIn({ statusCode: status = 0, headers }: IncomingMessage): Answer {
  if (status >= 200 && status < 300) return { ok: true };
  if (status >= 300 && status < 400) return failed(`HTTP ${status}: redirects are not followed`);
  const wait = Number(headers['retry-after']);
  const waitMs = wait > 0 ? Math.min(wait, longestWaitS) * 1000 : 0;
  return { ok: false, error: `HTTP ${status}`, isGone: status === gone, waitMs };
}

function failed(error: string): Answer {
  return { ok: false, error, isGone: false, waitMs: 0 };
}
