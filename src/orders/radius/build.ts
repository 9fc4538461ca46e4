import type { OrderParts, OrderSource } from '../../ports/order-source.js';
import { DynamicAuthorization } from '../../radius/dynamic-authorization.js';
import type { RadiusLink } from '../../radius/link.js';
import type { OrdersConfig, RadiusConfig } from '../../radius/section.js';
import type { Secured } from '../../radius/tls/secured.js';
import type { Source } from '../../radius/transport.js';
import { listen } from '../../radius/udp.js';
import { Clients } from './clients.js';
import { Listening } from './listening.js';
import { Orders } from './orders.js';

/** What a server has to add whose orders have no Event-Timestamp, for its owner. */
const timestampAdvice =
  ': the server has to add one, on FreeRADIUS `&Event-Timestamp = "%l"` (or set coa_timestamp)';

type Received = Parameters<typeof listen>[1];

/** Takes the servers' orders about sessions, where the configuration lets them give any. */
export async function buildOrders(
  { orders: config, secret }: RadiusConfig,
  parts: OrderParts<RadiusLink>,
): Promise<OrderSource | undefined> {
  if (!config) return undefined;
  const { clock, log, link } = parts;
  const server = authorizationOf(config, parts);
  const warn = (text: string) => log('warn', `radius: ${text}`);
  const droppings = droppingsOf(server, warn);
  if (link.secured) return ordersOver(link.secured, server, secret, droppings);
  const clients = new Clients({
    ...{ names: config.clients, clock },
    known: (addresses) =>
      server.admit(addresses.map((address) => ({ address, secret: Buffer.from(secret) }))),
    missing: (name) => log('error', `radius: there is no address of ${name}: its orders are not taken yet`),
  });
  const listening = new Listening({
    clock,
    bind: () => bind(config, receiving(server, clients, droppings)),
    failed: (message) => log('error', `radius: no orders are taken: ${message}: trying again`),
  });
  clients.start();
  await listening.start();
  return {
    get standing() {
      return listening.standing;
    },
    async stop() {
      clients.stop();
      await listening.stop();
    },
  };
}

/** Orders come on the connections that we make: whose they are is known, and nobody else's get there. */
function ordersOver(
  { transport, standing }: Secured,
  server: DynamicAuthorization,
  secret: string,
  droppings: (from: Source) => void,
): OrderSource {
  const { orders: before } = transport;
  transport.orders = async (packet, connection, send) => {
    await server.receiveOver(packet, { ...connection, secret: Buffer.from(secret) }, send);
    droppings(connection.from);
  };
  return {
    get standing() {
      return standing();
    },
    async stop() {
      transport.orders = before;
    },
  };
}

function authorizationOf(
  { timestamp }: OrdersConfig,
  { link: { nas }, orderly, clock, log, running }: OrderParts<RadiusLink>,
) {
  const orders = new Orders(nas, { ...orderly, sessions: () => running() }, clock.wall);
  return new DynamicAuthorization({
    clients: [],
    clock,
    eventTimestamp: timestamp ? 'signed' : 'require',
    async handle(order) {
      // Without the router's own address, the order would get a NAK as one for another NAS, at each repeat.
      if (order.attributes.some(([name]) => /^NAS-IP(?:v6)?-Address$/.test(name))) await nas.locate();
      return orders.carryOut(order);
    },
    failed: (cause) => log('error', `radius: order failed: ${cause instanceof Error ? cause.stack : cause}`),
  });
}

function receiving(
  server: DynamicAuthorization,
  clients: Clients,
  droppings: (from: Source) => void,
): Received {
  return async (datagram, from, send) => {
    const { dropped } = server.counters;
    const strangers = dropped.stranger;
    await server.receive(datagram, from, send);
    if (dropped.stranger > strangers) clients.stranger();
    droppings(from);
  };
}

/** Says of each kind of order that is dropped, once, why it is. */
function droppingsOf(
  { counters: { dropped } }: DynamicAuthorization,
  warn: (text: string) => void,
): (from: Source) => void {
  const told = new Set<string>();
  return (from) => {
    for (const [why, count] of Object.entries(dropped)) {
      if (count === 0 || told.has(why)) continue;
      told.add(why);
      const advice = why === 'no_event_timestamp' ? timestampAdvice : '';
      warn(`an order from ${from.address} was dropped: ${why}${advice}; no more is said of this kind`);
    }
  };
}

/** On one address, or on all: `::` takes both families, and there is none where the kernel has no IPv6. */
function bind({ address, port }: OrdersConfig, received: Received) {
  if (address !== undefined) return listen({ address, port }, received);
  return listen({ address: '::', port }, received).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code !== 'EAFNOSUPPORT') throw cause;
    return listen({ address: '0.0.0.0', port }, received);
  });
}
