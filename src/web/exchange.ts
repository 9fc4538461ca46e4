import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '../ports/clock.js';
import type { Log } from '../ports/log.js';
import type { Device, Reply, Route, WebRequest } from '../ports/web.js';
import { reasonOf } from '../system-error.js';
import {
  hostOf,
  isForeign,
  isOwnHost,
  originOf,
  type Place,
  pageFor,
  placeOf,
  plainAddress,
  portOf,
} from './place.js';
import type { Router } from './router.js';

const usualBytes = 8 * 1024;
const usualPatienceMs = 60_000;
/** How long the reader of a reply may take, in ms. */
const readerMs = 10_000;
/** How much of a body that is not wanted is read off, so that the asker sees the answer and no reset, in bytes. */
const mostDropped = 256 * 1024;

const safety = {
  'Cache-Control': 'no-store',
  'Content-Type': 'text/plain; charset=utf-8',
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
  'X-Frame-Options': 'DENY',
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'same-origin',
  Connection: 'close',
};

/** What every exchange needs. */
export interface ExchangeParts {
  readonly clock: Clock;
  readonly log: Log;
  /** Names of the server beside its addresses. */
  isOurs(name: string): boolean;
  /** Whose address it is. */
  deviceAt(address: string): Promise<Device | undefined>;
}

/**
 * Answers one request. Its parts are looked at in the order of their cost; the body is read last.
 * @param allow gives the connection that many ms from now on
 */
export async function exchange(
  request: IncomingMessage,
  response: ServerResponse,
  router: Router,
  parts: ExchangeParts,
  allow: (ms: number) => void,
): Promise<void> {
  const send = (reply: Reply) => {
    allow(readerMs);
    if (response.headersSent || response.destroyed) return;
    const body = typeof reply.body === 'string' ? Buffer.from(reply.body) : (reply.body ?? '');
    response.writeHead(reply.status, { ...safety, ...reply.headers, 'Content-Length': body.length });
    if (request.method === 'HEAD') response.end();
    else if (!hasRest(request)) response.end(body);
    else {
      response.write(body);
      void drop(request).then(() => response.end());
    }
  };
  try {
    const asked = addressed(request, router, parts);
    if ('status' in asked) return send(asked);
    const { route, given } = asked;
    const body = await bodyOf(request, route.mostBytes ?? usualBytes);
    if (!body) return send({ status: 413, body: 'too long\n' });
    send(await inTime(route, { ...given, body }, parts, allow));
  } catch (cause) {
    if (response.destroyed || request.destroyed) return;
    parts.log('error', `page: ${reasonOf(cause)}`);
    send({ status: 500, body: 'a defect: it is in the log\n' });
  }
}

type Asked = { readonly route: Route; readonly given: Omit<WebRequest, 'body'> };

/** Finds the route, and whether the asker may have it. */
function addressed(request: IncomingMessage, router: Router, parts: ExchangeParts): Asked | Reply {
  const { method = '', url = '/', headers, socket } = request;
  const place = placeOf(socket);
  const host = hostOf(request);
  const isOwn = isOwnHost(host, place, parts.isOurs);
  const whole = url.startsWith('/') ? `http://x${url}` : url;
  if (!URL.canParse(whole)) return { status: 400, body: 'no address\n' };
  const target = new URL(whole);
  const found = router.find(method, target.pathname);
  const isPage = !('route' in found) || (found.route.from ?? 'page') === 'page';
  if (isPage && !isOwn) return elsewhere(request, place);
  if (!('route' in found)) return notServed(found.allowed);
  const { route, params } = found;
  const isAsking = method === 'GET' || method === 'HEAD';
  if (isPage && isAsking && portOf(request, place) !== place.port) {
    return { status: 302, headers: { Location: originOf(place, host) + target.pathname + target.search } };
  }
  if (isPage && !isAsking && isForeign(request)) return { status: 403, body: 'another site sent this\n' };
  if (Number(headers['content-length'] ?? 0) > (route.mostBytes ?? usualBytes)) {
    return { status: 413, body: 'too long\n' };
  }
  const address = plainAddress(socket.remoteAddress ?? '');
  const { pathname: path, searchParams: query } = target;
  const given = {
    ...{ method, path, params, query, headers, address },
    origin: originOf(place, isOwn ? host : place.host),
    isSecure: place.isSecure,
    device: () => parts.deviceAt(address),
  };
  return { route, given };
}

function elsewhere(request: IncomingMessage, place: Place): Reply {
  if (request.method !== 'GET' && request.method !== 'HEAD') return { status: 421, body: 'not here\n' };
  return { status: 302, headers: { Location: pageFor(request, place) } };
}

function notServed(allowed: readonly string[]): Reply {
  if (allowed.length === 0) return { status: 404, body: 'not here\n' };
  const Allow = allowed.includes('GET') ? [...allowed, 'HEAD'] : allowed;
  return { status: 405, headers: { Allow: Allow.join(', ') }, body: 'not that way\n' };
}

/** Undefined when it is longer than it may be. @throws when it breaks off */
async function bodyOf(request: IncomingMessage, most: number): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of chunksOf(request)) {
    length += chunk.length;
    if (length > most) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Part of its body is still to come. */
function hasRest({ complete, headers }: IncomingMessage): boolean {
  return !complete && (headers['transfer-encoding'] !== undefined || Number(headers['content-length']) > 0);
}

/** Reads off what is still to come of a body, up to a bound; never rejects. */
async function drop(request: IncomingMessage): Promise<void> {
  let dropped = 0;
  try {
    for await (const { length } of chunksOf(request)) {
      dropped += length;
      if (dropped > mostDropped) return;
    }
  } catch {
    // It broke off, or its time is over.
  }
}

/** The connection outlives a reader that stops early. */
function chunksOf(request: IncomingMessage): AsyncIterable<Buffer> {
  return request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>;
}

async function inTime(
  route: Route,
  request: WebRequest,
  { clock, log }: ExchangeParts,
  allow: (ms: number) => void,
): Promise<Reply> {
  const patience = route.patienceMs ?? usualPatienceMs;
  allow(patience + readerMs);
  let cancel = () => {};
  const late = new Promise<Reply>((resolve) => {
    cancel = clock.after(patience, () => resolve({ status: 504, body: 'this takes too long\n' }));
  });
  try {
    return await Promise.race([route.handle(request), late]);
  } catch (cause) {
    log('error', `page: ${route.method} ${route.path}: ${cause instanceof Error ? cause.stack : cause}`);
    return { status: 500, body: 'a defect: it is in the log\n' };
  } finally {
    cancel();
  }
}
