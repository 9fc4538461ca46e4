import type { Client } from './client.js';
import type { Room } from './room.js';

/** Counts in the web server's room what arrives of each client. */
export async function countArrivals(wan: Room, clients: readonly Client[]): Promise<void> {
  const counters = clients.map((client) => `counter ${nameOf(client)} { }`);
  const rules = clients.flatMap((client) => {
    const count = `counter name ${nameOf(client)}`;
    return [`ip saddr ${client.ip} ${count}`, `ip6 saddr ${client.ip6} ${count}`];
  });
  const chain = ['chain in {', 'type filter hook prerouting priority -300;', ...rules, '}'];
  await wan.run('nft', ['-f', '-'], ['table inet arrived {', ...counters, ...chain, '}', ''].join('\n'));
}

/** Octets of a client's that arrived at the web server. */
export async function arrived(wan: Room, client: Client): Promise<number> {
  const list = await wan.run('nft', ['list', 'counter', 'inet', 'arrived', nameOf(client)]);
  return Number(list.match(/bytes (\d+)/)?.[1]);
}

/**
 * Octets of a client's that crossed the gateway, of both families: those from it as they arrived at the web server, those
 * to it as they arrived at the client. What a client sends at a shut gate has crossed nothing.
 */
export async function crossed(wan: Room, client: Client): Promise<number> {
  return (await arrived(wan, client)) + (await client.counters()).down;
}

const nameOf = ({ ip }: Client) => `c${ip.split('.')[3]}`;
