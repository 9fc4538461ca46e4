import rateLimit from '@fastify/rate-limit';
import Fastify, { type FastifyError, type FastifyInstance, type FastifyReply } from 'fastify';
import type { Code } from '../payments/wallet/codes.js';
import type { Log } from '../ports/log.js';
import type { FacilitatorConfig } from './config.js';
import { FacilitatorError } from './error.js';
import type { Metrics } from './metrics.js';
import { readClose, readConsume, readCreate, readLookup, readPayment, readPlace } from './requests.js';
import type { SessionService } from './service.js';
import { toldOn } from './x402.js';

/** Far more than any request needs; smart wallets' signatures are the longest part. */
const bodyLimit = 16 * 1024;
/** How often Node looks for requests that are late, in ms. */
const lookEveryMs = 1000;
/** Characters of an `Idempotency-Key`; UUIDs and hashes are shorter. */
const longestKey = 128;

const codeOfStatus: Readonly<Record<number, Code>> = {
  413: 'body_too_large',
  415: 'unsupported_media_type',
};

/** The HTTP side of the facilitator: routes, limits, and how failures are told. It does not listen yet. */
export async function buildServer(
  config: FacilitatorConfig,
  service: SessionService,
  metrics: Metrics,
  log: Log,
): Promise<FastifyInstance> {
  const { trustProxy, rateLimit: limit, requestTimeoutMs } = config;
  const server = Fastify({
    bodyLimit,
    requestTimeout: requestTimeoutMs,
    // Node ends a slow request by the greater of both limits, when it looks.
    http: { headersTimeout: requestTimeoutMs, connectionsCheckingInterval: lookEveryMs },
    trustProxy: trustProxyOf(trustProxy),
    forceCloseConnections: 'idle',
  });
  await server.register(rateLimit, {
    max: limit.max,
    timeWindow: limit.windowMs,
    errorResponseBuilder: () => new FacilitatorError('rate_limited', 'too many requests from this address'),
  });
  const tell = (reply: FastifyReply, error: FacilitatorError) => {
    const { status, body } = toldOn(routeOf(reply), error, reply.request.body);
    metrics.replied(routeOf(reply), status, error.code);
    void reply.code(status).send(body);
  };
  server.setErrorHandler((cause: FastifyError | FacilitatorError, _request, reply) => {
    const error = errorOf(cause);
    if (error.code === 'internal')
      log('error', String((error.cause as Error | undefined)?.stack ?? cause.stack));
    tell(reply, error);
  });
  server.setNotFoundHandler((_request, reply) =>
    tell(reply, new FacilitatorError('not_found', 'no such route')),
  );
  server.addHook('onResponse', (_request, reply, done) => {
    if (reply.statusCode === 200) metrics.replied(routeOf(reply), 200, 'ok');
    done();
  });
  addRoutes(server, service, metrics);
  return server;
}

type IsProxy = (address: string, hop: number) => boolean;

/** Which of the addresses from the connection back to the client are proxies of the operator's. */
function trustProxyOf(proxies: FacilitatorConfig['trustProxy']): false | string[] | IsProxy {
  return typeof proxies === 'number' ? (_address, hop) => hop < proxies : proxies;
}

function addRoutes(server: FastifyInstance, service: SessionService, metrics: Metrics): void {
  server.post('/session/create', ({ body }) => service.create(readCreate(body)));
  server.post('/session/consume', ({ body }) => service.consume(readConsume(body)));
  server.post('/session/close', ({ body }) => service.close(readClose(body)));
  server.post('/verify', ({ body }) => service.verify(readPayment(body)));
  server.post('/settle', ({ body, headers }, reply) => {
    const caller = { key: keyIn(headers), isGone: () => reply.raw.destroyed };
    return service.settle(readPayment(body), caller);
  });
  server.get('/supported', () => service.supported());
  server.get('/session/:network/:id', ({ params }) => service.session(readPlace(params)));
  server.post('/sessions', ({ body, headers }) => service.sessions(readLookup(body), bearerIn(headers)));
  server.get('/sessions/stats', () => service.stats());
  const unlimited = { config: { rateLimit: false } };
  server.get('/healthz', unlimited, async (_request, reply) => {
    const health = await service.health();
    return reply.code(health.ok ? 200 : 503).send(health);
  });
  server.get('/metrics', unlimited, async (_request, reply) => {
    reply.type(metrics.contentType);
    return metrics.text();
  });
}

function bearerIn({ authorization }: { readonly authorization?: string | undefined }): string | undefined {
  return /^Bearer +(\S+) *$/i.exec(authorization ?? '')?.[1];
}

/** @throws {@link FacilitatorError} `bad_request` */
function keyIn(headers: Readonly<Record<string, unknown>>): string {
  const key = headers['idempotency-key'] ?? '';
  if (typeof key === 'string' && key.length <= longestKey) return key;
  throw new FacilitatorError('bad_request', `Idempotency-Key: at most ${longestKey} characters`);
}

/** Faults that the framework finds are the client's, up to 499. */
function errorOf(cause: FastifyError | FacilitatorError): FacilitatorError {
  if (cause instanceof FacilitatorError) return cause;
  const status = cause.statusCode ?? 500;
  if (status >= 500) return new FacilitatorError('internal', 'something went wrong here', { cause });
  return new FacilitatorError(codeOfStatus[status] ?? 'bad_request', cause.message.slice(0, 200), { cause });
}

/** The route as it is written above, not as it was called: there are only so many. */
function routeOf(reply: FastifyReply): string {
  return reply.request.routeOptions.url ?? 'none';
}
