import { z } from 'zod';
import type { Database } from '../collector/database.js';
import { catchUp } from '../collector/fold.js';
import { columns } from '../collector/report.js';
import type { Clock } from '../ports/clock.js';
import type { Broker } from './broker.js';
import type { Role } from './config.js';
import { revive } from './deliveries.js';
import type { Endpoint } from './endpoint.js';
import { HubError } from './error.js';
import { place } from './orders.js';
import type { Standing } from './presence.js';
import {
  deliveriesOf,
  deliveryColumns,
  orderColumns,
  ordersOf,
  type Page,
  routerColumns,
  routersOf,
  sessionsOf,
  usageOf,
} from './reads.js';

/** What the routes stand on. */
export interface RouteParts {
  readonly database: Database;
  readonly broker: Pick<Broker, 'online' | 'isConnected'>;
  readonly clock: Pick<Clock, 'wall'>;
  /** How each router stands that was ever seen. */
  readonly routers: ReadonlyMap<string, Standing>;
  /** Who is told what happens. */
  readonly endpoints: ReadonlyMap<string, Endpoint>;
  /** There are new orders, or messages to endpoints. */
  hurry(): void;
}

/** A route that shows lines, a page at a time, as JSON or CSV. */
export interface Reading {
  readonly path: string;
  readonly role: Role;
  readonly says: string;
  readonly query: z.ZodObject;
  readonly columns: readonly string[];
  read(given: unknown, parts: RouteParts): Promise<Page>;
}

/** A route that is told something in JSON. */
export interface Telling {
  readonly path: string;
  readonly role: Role;
  readonly says: string;
  readonly body: z.ZodObject;
  /** What the answer has. */
  readonly answers: readonly string[];
  take(given: unknown, parts: RouteParts): Promise<object>;
}

const text = z.string().regex(/^[^\0]{1,253}$/);
const day = z.string().regex(/^\d{4}-\d\d-\d\d$/);
const paging = {
  limit: z.coerce.number().int().min(1).max(1000).default(100).describe('Lines of one answer, at the most.'),
  cursor: text.max(1000).optional().describe('Where to begin: `next` of the answer before.'),
  format: z.enum(['json', 'csv']).default('json').describe('What the answer is written in.'),
};
const router = text.describe('The name of a router.');

/** How old totals may be that are read, in ms: where nobody has folded since, the hub does. */
const totalsAgeMs = 30_000;

function reading<Q extends z.ZodRawShape>(
  one: Omit<Reading, 'query' | 'read' | 'role'> & {
    /** @default 'see' */
    readonly role?: Role;
    /** Whether it shows totals, which are folded first where they are old. @default false */
    readonly totals?: true;
    readonly query: Q;
    readonly read: (given: z.output<z.ZodObject<Q & typeof paging>>, parts: RouteParts) => Promise<Page>;
  },
): Reading {
  const query = z.strictObject({ ...one.query, ...paging });
  const read: Reading['read'] = async (given, parts) => {
    if (one.totals) await catchUp(parts.database, parts.clock.wall(), totalsAgeMs);
    return one.read(given as Parameters<typeof one.read>[0], parts);
  };
  return { role: 'see', ...one, query, read };
}

/** Everything that can be read. */
export const readings: readonly Reading[] = [
  reading({
    path: '/routers',
    totals: true,
    says: 'Routers that have reported sessions: what was used and paid in all, and whether they are there.',
    query: {
      online: z.enum(['true', 'false']).optional().describe('Only those that are there, or are not.'),
    },
    columns: routerColumns,
    read: (filter, { database, broker }) => database.read((query) => routersOf(query, filter, broker.online)),
  }),
  reading({
    path: '/sessions',
    totals: true,
    says: 'Sessions, with their devices, users and what they have used.',
    query: {
      router: router.optional(),
      user: text.optional().describe('A login name.'),
      state: z.enum(['running', 'ended']).optional().describe('Only those that have not ended, or have.'),
    },
    columns: columns.session,
    read: (filter, { database }) => database.read((query) => sessionsOf(query, filter)),
  }),
  reading({
    path: '/usage',
    totals: true,
    says: 'What was used on each day (UTC) at each router.',
    query: {
      router: router.optional(),
      from: day.optional().describe('The first day, `2026-11-01`.'),
      to: day.optional().describe('The last day.'),
    },
    columns: columns.day,
    read: (filter, { database }) => database.read((query) => usageOf(query, filter)),
  }),
  reading({
    path: '/orders',
    says: 'Orders that the hub gave to routers, and what became of them.',
    query: {
      router: router.optional(),
      state: z.enum(['waiting', 'sent', 'done', 'refused', 'expired']).optional().describe('Only those.'),
    },
    columns: orderColumns,
    read: (filter, { database }) => database.read((query) => ordersOf(query, filter)),
  }),
  reading({
    path: '/webhooks',
    role: 'order',
    says: 'What endpoints were told, or are still to be told; `dead` is what nobody tries again.',
    query: {
      endpoint: text.optional().describe('A name of the configuration.'),
      router: router.optional(),
      state: z.enum(['waiting', 'delivered', 'dead']).optional().describe('Only those.'),
    },
    columns: deliveryColumns,
    read: (filter, { database }) => database.read((query) => deliveriesOf(query, filter)),
  }),
];

/** Longest wait for a router that is away, and the one without a word, in s. */
const [longestWait, usualWait] = [2_592_000, 3600];

const order = z.strictObject({
  router: z.string().regex(/^[^\s#+/\0]{1,100}$/, 'must be the name of a router'),
  command: z.enum(['close', 'grant', 'logout_user', 'reload']).describe('What the router is to do.'),
  arguments: z.record(z.string(), z.unknown()).default({}).describe('As for the ubus method of that name.'),
  idempotency_key: z
    .string()
    .regex(/^[\x21-\x7e]{1,128}$/, 'must be 1 to 128 printable ASCII characters without spaces')
    .describe('The same key is the same order.'),
  valid_for: z
    .int()
    .min(1)
    .max(longestWait)
    .default(usualWait)
    .describe('How long it waits for the router, in s.'),
});

const again = z.strictObject({
  endpoint: text.describe('A name of the configuration.'),
  id: text.optional().describe('One message; without it all of them.'),
});

/** Everything that can be told. */
export const tellings: readonly Telling[] = [
  {
    path: '/orders',
    role: 'order',
    says: 'Orders a router to do something, now or when it is back.',
    body: order,
    answers: ['router', 'idempotency_key', 'state'],
    take: (given, parts) => takeOrder(given as z.output<typeof order>, parts),
  },
  {
    path: '/webhooks',
    role: 'order',
    says: 'Tells an endpoint once more what is dead, from the first attempt.',
    body: again,
    answers: ['endpoint', 'state'],
    take: (given, parts) => tellAgain(given as z.output<typeof again>, parts),
  },
];

async function tellAgain(
  { endpoint, id }: z.output<typeof again>,
  { database, clock, endpoints, hurry }: RouteParts,
): Promise<object> {
  if (!endpoints.has(endpoint)) throw new HubError('not_found', 'there is no such endpoint');
  if ((await revive(database, endpoint, id, clock.wall())) === 0)
    throw new HubError('not_found', 'nothing is dead there');
  hurry();
  return { endpoint, state: 'waiting' };
}

async function takeOrder(
  { router, command, arguments: args, idempotency_key: key, valid_for: validFor }: z.output<typeof order>,
  { database, clock, hurry }: RouteParts,
): Promise<object> {
  const made = clock.wall();
  const one = { router, key, command, args: JSON.stringify(args), made, validUntil: made + validFor * 1000 };
  const placed = await place(database, one);
  if (!placed.ok) throw new HubError('key_conflict', placed.message);
  hurry();
  return { router, idempotency_key: key, state: placed.value.state };
}
