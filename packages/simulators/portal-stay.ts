import type { Mac } from '../../src/domain/mac.js';
import type { SimClient } from './portal-client.js';

/** Bytes that passed a gate, whatever the portal's counters say: what books are compared with. */
export interface Served {
  up: number;
  down: number;
}

/** A device that nothing is known of yet. */
export function arrival(id: number, mac: Mac, ip: string): SimClient {
  const nothing = { token: '', open: false, up: 0, down: 0, sessionStart: 0, lastActive: 0 };
  return { id, mac, ip, ...nothing, inRules: { up: 0, down: 0 }, upRate: 0, downRate: 0, unread: 0 };
}

/** Counts what passed. @returns by how much the counters grew: not at all until the rules have as much as they. */
export function move(client: SimClient, up: number, down: number): number {
  const before = client.up + client.down;
  client.inRules.up += up;
  client.inRules.down += down;
  client.up = Math.max(client.up, client.inRules.up);
  client.down = Math.max(client.down, client.inRules.down);
  return client.up + client.down - before;
}

/** The counters and the rules begin anew. */
export function zero(client: SimClient): void {
  client.up = client.down = 0;
  client.inRules = { up: 0, down: 0 };
}

/** Makes a client what a file has of it, with new rules. @returns whether its counters stayed as they were. */
export function recall(client: SimClient, { token, open, up, down }: SimClient): boolean {
  const same = client.token === token && client.up === up && client.down === down;
  Object.assign(client, { token, open, up, down, inRules: { up: 0, down: 0 } });
  return same;
}
