import { lookup } from 'node:dns/promises';
import type { OrderParts, OrderSource } from '../../ports/order-source.js';
import { DynamicAuthorization } from '../../radius/dynamic-authorization.js';
import type { Nas } from '../../radius/nas.js';
import type { RadiusConfig } from '../../radius/section.js';
import { listen } from '../../radius/udp.js';
import { Orders } from './orders.js';

/** Takes the servers' orders about sessions, where the configuration lets them give any. */
export async function buildOrders(
  { orders: config, secret }: RadiusConfig,
  parts: OrderParts<Nas>,
): Promise<OrderSource | undefined> {
  if (!config) return undefined;
  const { link: nas, orderly, clock, log } = parts;
  const orders = new Orders(nas, { ...orderly, sessions: () => parts.running() }, clock.wall);
  const unknown = (name: string) => log('error', `radius: there is no address of ${name}`);
  const addresses = await addressesOf(config.clients, unknown);
  const server = new DynamicAuthorization({
    clients: addresses.map((from) => ({ address: from, secret: Buffer.from(secret) })),
    clock,
    handle: (order) => orders.carryOut(order),
    failed: (cause) => log('error', `radius: order failed: ${cause instanceof Error ? cause.stack : cause}`),
  });
  const told = new Set<string>();
  const received: Parameters<typeof listen>[1] = async (datagram, from, send) => {
    await server.receive(datagram, from, send);
    for (const [why, count] of Object.entries(server.counters.dropped)) {
      if (count === 0 || told.has(why)) continue;
      told.add(why);
      log('warn', `radius: an order from ${from.address} was dropped: ${why}; no more is said of this kind`);
    }
  };
  const socket = await bind(config.address, config.port, received);
  return { standing: { state: 'up', error: '' }, stop: () => socket.close() };
}

/** On one address, or on all: `::` takes both families, and there is none where the kernel has no IPv6. */
function bind(address: string | undefined, port: number, received: Parameters<typeof listen>[1]) {
  if (address !== undefined) return listen({ address, port }, received);
  return listen({ address: '::', port }, received).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code !== 'EAFNOSUPPORT') throw cause;
    return listen({ address: '0.0.0.0', port }, received);
  });
}

async function addressesOf(names: readonly string[], unknown: (name: string) => void): Promise<string[]> {
  const found = await Promise.all(
    names.map((name) =>
      lookup(name, { all: true }).catch(() => {
        unknown(name);
        return [];
      }),
    ),
  );
  return found.flat().map(({ address }) => address);
}
