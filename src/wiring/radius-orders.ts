import { lookup } from 'node:dns/promises';
import { systemClock } from '../clock.js';
import { Orders } from '../orders/radius/orders.js';
import { DynamicAuthorization } from '../radius/dynamic-authorization.js';
import type { Nas } from '../radius/nas.js';
import type { OrdersConfig } from '../radius/section.js';
import { listen } from '../radius/udp.js';
import type { UpstreamParts } from './parts.js';

/** Takes the servers' orders about sessions (RFC 5176) until it is closed. */
export async function takeOrders(
  { port, address, clients }: OrdersConfig,
  secret: Buffer,
  nas: Nas,
  { engine, commands, logins, log }: UpstreamParts,
): Promise<{ close(): Promise<void> }> {
  const { book } = engine.accounts;
  const orders = new Orders(
    nas,
    {
      sessions: () => book.running(),
      addressesOf: (session) => engine.addressesOf(session) ?? session.baselines.map(({ ip }) => ip),
      close: (id, cause) => commands.close(id, cause),
      reauthorize: (id, to) => logins.reauthorize(id, to),
      canShape: () => engine.backstop?.state === 'on',
    },
    systemClock.wall,
  );
  const addresses = await addressesOf(clients, (name) =>
    log('error', `radius: there is no address of ${name}`),
  );
  const server = new DynamicAuthorization({
    clients: addresses.map((from) => ({ address: from, secret })),
    clock: systemClock,
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
  if (address !== undefined) return listen({ address, port }, received);
  // `::` takes both families; there is none where the kernel has no IPv6.
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
