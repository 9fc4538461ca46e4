import { simulatedDialects } from '../packages/simulators/dialects/registry.js';
import type { SimClient } from '../packages/simulators/portal-client.js';
import type { Dialect } from '../src/domain/dialect.js';
import type { Mac } from '../src/domain/mac.js';

/** Seconds since 1970 at which all sessions of the benchmark began. */
const began = 1_795_233_012;

/** Clients as a busy portal has them: three in four are let through, each with counters of its own. */
export function makeClients(count: number): SimClient[] {
  return Array.from({ length: count }, (_, i) => ({
    id: i + 1,
    mac: macOf(i),
    ip: `10.${77 + (i >> 16)}.${(i >> 8) & 255}.${i & 255}`,
    token: (Math.imul(i + 1, 0x9e3779b1) >>> 0).toString(16).padStart(8, '0'),
    open: i % 4 !== 0,
    up: i % 4 === 0 ? 0 : 1_000_000 + i * 3_777,
    down: i % 4 === 0 ? 0 : 900_000_000 + i * 1_234_567,
    inRules: { up: 0, down: 0 },
    sessionStart: i % 4 === 0 ? 0 : began + (i % 3_600),
    lastActive: began + 7_200 + (i % 60),
    upRate: 0,
    downRate: 0,
    unread: 0,
  }));
}

export function macOf(i: number): Mac {
  return `02:77:00:00:${hex(i >> 8)}:${hex(i)}` as Mac;
}

/** Lets every client that is let through move some bytes. */
export function move(clients: readonly SimClient[]): void {
  for (const client of clients) {
    if (!client.open) continue;
    client.up += 51_200;
    client.down += 512_000;
  }
}

/** Two replies to `json`, between which all who are let through have moved bytes. */
export function makeReplies(dialect: Dialect, count: number): readonly [Buffer, Buffer] {
  const clients = makeClients(count);
  const { printAll } = simulatedDialects[dialect.name];
  const before = Buffer.from(printAll(clients));
  move(clients);
  return [before, Buffer.from(printAll(clients))];
}

function hex(n: number): string {
  return (n & 255).toString(16).padStart(2, '0');
}
