import { z } from 'zod';
import { version } from '../version.js';
import { type EventType, eventTypes } from './deliveries.js';
import { codes } from './error.js';
import { eventFields } from './events.js';
import { type Reading, readings, type Telling, tellings } from './routes.js';

const failure = { $ref: '#/components/responses/Failure' };
const bearer = [{ bearer: [] }];

/** The OpenAPI document (3.1) of the routes that are in the tables. */
export function openApi(): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const one of readings) paths[one.path] = { ...paths[one.path], get: readingOf(one) };
  for (const one of tellings) paths[one.path] = { ...paths[one.path], post: tellingOf(one) };
  paths['/'] = { get: page };
  paths['/hooks/{name}'] = { post: hook };
  return {
    openapi: '3.1.0',
    info: { title: 'turnpike hub', version, license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } },
    paths,
    webhooks: Object.fromEntries(eventTypes.map((type) => [type, { post: toldOf(type) }])),
    components: {
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer' },
        password: { type: 'http', scheme: 'basic', description: 'A token as the password, with any name.' },
      },
      responses: {
        Failure: {
          description: 'It was refused, or failed.',
          content: {
            'application/json': {
              schema: {
                type: 'object',
                required: ['error', 'message'],
                properties: { error: { enum: Object.keys(codes) }, message: { type: 'string' } },
              },
            },
          },
        },
      },
    },
  };
}

function readingOf({ path, says, query, columns }: Reading): object {
  const { properties = {} } = z.toJSONSchema(query, { io: 'input' });
  const cell = { type: ['string', 'number'] };
  const row = { type: 'object', properties: Object.fromEntries(columns.map((name) => [name, cell])) };
  return {
    operationId: `get_${path.slice(1)}`,
    summary: says,
    security: bearer,
    parameters: Object.entries(properties).map(([name, schema]) => ({ name, in: 'query', schema })),
    responses: {
      200: {
        description: 'A page.',
        content: {
          'application/json': {
            schema: {
              type: 'object',
              required: ['rows', 'next'],
              properties: { rows: { type: 'array', items: row }, next: { type: ['string', 'null'] } },
            },
          },
          'text/csv': { schema: { type: 'string' } },
        },
      },
      default: failure,
    },
  };
}

function tellingOf({ path, says, body, answers }: Telling): object {
  const properties = Object.fromEntries(answers.map((name) => [name, { type: 'string' }]));
  const { $schema: _, ...schema } = z.toJSONSchema(body, { io: 'input' });
  return {
    operationId: `post_${path.slice(1)}`,
    summary: says,
    security: bearer,
    requestBody: { required: true, content: { 'application/json': { schema } } },
    responses: {
      200: {
        description: 'It is written down.',
        content: { 'application/json': { schema: { type: 'object', properties } } },
      },
      default: failure,
    },
  };
}

const header = (name: string) => ({ name, in: 'header', required: false, schema: { type: 'string' } });

/** A message of Standard Webhooks. @param needed how many of its data must be there, the first ones */
function messageOf(type: string, data: readonly string[], needed = data.length): object {
  const properties = Object.fromEntries(data.map((name) => [name, { type: 'string' }]));
  const inside = { type: 'object', required: data.slice(0, needed), properties };
  return {
    type: 'object',
    required: ['type', 'data'],
    properties: { type: { const: type }, data: inside },
  };
}

/** A message that the hub sends (OpenAPI 3.1 §4.8.1: its `webhooks`). */
function toldOf(type: EventType): object {
  return {
    operationId: `told_${type.replace('.', '_')}`,
    summary: 'The hub tells an endpoint of the configuration, signed by Standard Webhooks.',
    parameters: ['webhook-id', 'webhook-timestamp', 'webhook-signature'].map((name) => ({
      ...header(name),
      required: true,
    })),
    requestBody: {
      required: true,
      content: {
        'application/json': {
          schema: {
            type: 'object',
            required: ['type', 'timestamp', 'data'],
            properties: {
              type: { const: type },
              timestamp: { type: 'string', format: 'date-time' },
              data: { type: 'object', properties: eventFields[type] },
            },
          },
        },
      },
    },
    responses: { '2XX': { description: 'The endpoint has it.' } },
  };
}

const page = {
  operationId: 'get_page',
  summary: 'The state of the fleet, for people.',
  security: [{ password: [] }, ...bearer],
  responses: {
    200: { description: 'A page.', content: { 'text/html': { schema: { type: 'string' } } } },
    default: failure,
  },
};

const hook = {
  operationId: 'post_hook',
  summary:
    'A signed message (Standard Webhooks, for payments also Stripe): whoever has logged out elsewhere has no access any more, and what was paid elsewhere is served at the router that has the order.',
  parameters: [
    { name: 'name', in: 'path', required: true, schema: { type: 'string' } },
    ...['webhook-id', 'webhook-timestamp', 'webhook-signature', 'stripe-signature'].map(header),
  ],
  requestBody: {
    required: true,
    content: {
      'application/json': {
        schema: {
          anyOf: [
            messageOf('user.logged_out', ['user']),
            messageOf('payment.confirmed', ['order', 'amount', 'currency', 'reference'], 3),
            { type: 'object', title: 'An event of Stripe' },
          ],
        },
      },
    },
  },
  responses: {
    200: {
      description: 'The routers that are told.',
      content: {
        'application/json': {
          schema: {
            type: 'object',
            properties: { routers: { type: 'array', items: { type: 'string' } } },
          },
        },
      },
    },
    default: failure,
  },
};
