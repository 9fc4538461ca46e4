import rateLimit from '@fastify/rate-limit';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { csv } from '../collector/table.js';
import type { Clock } from '../ports/clock.js';
import type { Log } from '../ports/log.js';
import type { HubConfig } from './config.js';
import { demand, demandOnPage } from './demand.js';
import { HubError } from './error.js';
import { takeMessage } from './hook.js';
import type { Metrics } from './metrics.js';
import { openApi } from './openapi.js';
import { FleetReader } from './page/fleet.js';
import { fleetPage, pageHeaders } from './page/page.js';
import type { Page } from './reads.js';
import { type RouteParts, readings, tellings } from './routes.js';

/** Longest message, in bytes, as on the router. */
const bodyLimit = 64 * 1024;
/** How often Node looks for requests that are late, in ms. */
const lookEveryMs = 1000;
const unlimited = { config: { rateLimit: false } };

export interface ServerParts extends RouteParts {
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
}

/** The HTTP side of the hub: routes, rights, limits, and how failures are told. It does not listen yet. */
export async function buildServer(config: HubConfig, parts: ServerParts): Promise<FastifyInstance> {
  const { trustProxy, rateLimit: limit, requestTimeoutMs } = config;
  const server = Fastify({
    bodyLimit,
    requestTimeout: requestTimeoutMs,
    http: { headersTimeout: requestTimeoutMs, connectionsCheckingInterval: lookEveryMs },
    trustProxy: trustProxy === 0 ? false : (_address: string, hop: number) => hop < trustProxy,
    forceCloseConnections: 'idle',
  });
  // A signature is over the bytes, so nothing reads them before.
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  await server.register(rateLimit, {
    max: limit.max,
    timeWindow: limit.windowMs,
    errorResponseBuilder: () => new HubError('rate_limited', 'too many requests from this address'),
  });
  server.setErrorHandler((cause: Error & { statusCode?: number }, _request, reply) => {
    const error = errorOf(cause);
    if (error.code === 'internal') parts.log('error', String(cause.stack));
    void reply.code(error.statusCode).send({ error: error.code, message: error.message });
  });
  server.setNotFoundHandler(() => {
    throw new HubError('not_found', 'no such route');
  });
  server.addHook('onResponse', (request, reply, done) => {
    parts.metrics.replied(request.routeOptions.url ?? 'none', reply.statusCode);
    done();
  });
  addReadings(server, config, parts);
  addTellings(server, config, parts);
  addOthers(server, config, parts);
  return server;
}

function addReadings(server: FastifyInstance, { tokens }: HubConfig, parts: ServerParts): void {
  for (const { path, role, query, read } of readings) {
    server.get(path, { preParsing: demand(tokens, role) }, async (request, reply) => {
      const given = checked(query, request.query) as { readonly format: 'json' | 'csv' };
      return show(await read(given, parts), given.format, request, reply);
    });
  }
}

function addTellings(server: FastifyInstance, { tokens }: HubConfig, parts: ServerParts): void {
  for (const { path, role, body, take } of tellings) {
    server.post(path, { preParsing: demand(tokens, role) }, ({ body: bytes }) =>
      take(checked(body, jsonIn(bytes)), parts),
    );
  }
}

function addOthers(server: FastifyInstance, { hooks, tokens }: HubConfig, parts: ServerParts): void {
  const { metrics, broker, hurry } = parts;
  server.post('/hooks/:name', async ({ params, headers, body }) => {
    const { name } = params as { readonly name: string };
    const routers = await takeMessage(hooks, { name, headers, body: bytesOf(body) }, parts);
    hurry();
    return { routers };
  });
  const reader = new FleetReader(parts.database, parts.clock);
  server.get('/', { preParsing: demandOnPage(tokens) }, async (_request, reply) => {
    const fleet = await reader.read();
    reply.headers(pageHeaders);
    return fleetPage({
      fleet,
      isConnected: broker.isConnected,
      routers: parts.routers,
      now: parts.clock.wall(),
    });
  });
  const document = openApi();
  server.get('/openapi.json', () => document);
  server.get('/healthz', unlimited, (_request, reply) =>
    reply.code(broker.isConnected ? 200 : 503).send({ ok: broker.isConnected }),
  );
  server.get('/metrics', { preParsing: demand(tokens, 'see') }, async (_request, reply) => {
    reply.type(metrics.contentType);
    return metrics.text();
  });
}

function show(
  { columns, lines, next }: Page,
  format: 'json' | 'csv',
  request: FastifyRequest,
  reply: FastifyReply,
) {
  if (next !== undefined) {
    const url = new URL(request.url, 'http://hub');
    url.searchParams.set('cursor', next);
    reply.header('Link', `<${url.pathname}${url.search}>; rel="next"`);
  }
  if (format === 'csv')
    return reply.type('text/csv; charset=utf-8').send([...csv({ columns, lines })].join(''));
  const rows = lines.map((line) => Object.fromEntries(columns.map((name, i) => [name, line[i]])));
  return reply.send({ rows, next: next ?? null });
}

function checked(schema: z.ZodObject, given: unknown): unknown {
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw new HubError('bad_request', faults.join('; ').slice(0, 500));
}

function bytesOf(body: unknown): Buffer {
  return Buffer.isBuffer(body) ? body : Buffer.alloc(0);
}

function jsonIn(body: unknown): unknown {
  try {
    return JSON.parse(bytesOf(body).toString());
  } catch {
    throw new HubError('bad_request', 'the body is no JSON');
  }
}

/** Faults that the framework finds are the client's, up to 499. What the database throws is the hub's own trouble. */
function errorOf(cause: Error & { statusCode?: number }): HubError {
  if (cause instanceof HubError) return cause;
  const { statusCode: status = 500, message } = cause;
  if (status === 413) return new HubError('body_too_large', message, { cause });
  if (status < 500) return new HubError('bad_request', message.slice(0, 200), { cause });
  return new HubError('internal', 'something went wrong here', { cause });
}
