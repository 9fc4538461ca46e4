import { deviceAt } from '../packages/simulators/device.js';
import { dialectNamed } from '../packages/simulators/dialects/registry.js';
import { arrival, move, type SimClient } from '../packages/simulators/portal-client.js';
import type { Dialect } from '../src/domain/dialect.js';

/** Seconds since 1970 at which all sessions of the benchmark began. */
const began = 1_795_233_012;

/** Clients as a busy portal has them: three in four are let through, each with counters of its own. */
export function makeClients(count: number): SimClient[] {
  return Array.from({ length: count }, (_, i) => {
    const { mac, ip } = deviceAt(i);
    const client = arrival(i + 1, mac, ip);
    client.token = (Math.imul(i + 1, 0x9e3779b1) >>> 0).toString(16).padStart(8, '0');
    client.lastActive = began + 7_200 + (i % 60);
    if (i % 4 === 0) return client;
    move(client, 1_000_000 + i * 3_777, 900_000_000 + i * 1_234_567);
    return Object.assign(client, { open: true, sessionStart: began + (i % 3_600) });
  });
}

/** Lets every client that is let through move some bytes. */
export function moveAll(clients: readonly SimClient[]): void {
  for (const client of clients) if (client.open) move(client, 51_200, 512_000);
}

/** Two replies to `json`, between which all who are let through have moved bytes. */
export function makeReplies(dialect: Dialect, count: number): readonly [Buffer, Buffer] {
  const clients = makeClients(count);
  const { printAll } = dialectNamed(dialect.name)!;
  const before = Buffer.from(printAll(clients));
  moveAll(clients);
  return [before, Buffer.from(printAll(clients))];
}
