import type { Dialect } from '../../src/domain/dialect.js';
import type { Mac } from '../../src/domain/mac.js';

/** A client of the simulated portal. */
export interface SimClient {
  readonly id: number;
  readonly mac: Mac;
  readonly ip: string;
  token: string;
  open: boolean;
  /** Bytes since the counters began; the portal prints them cut to its unit. */
  up: number;
  down: number;
  /** Bytes since the client's rules are in the firewall. `up` and `down` follow these only upwards. */
  inRules: { up: number; down: number };
  /** Seconds since 1970; 0 as long as the portal has begun no session. */
  sessionStart: number;
  lastActive: number;
  /** kbit/s; 0 for none. */
  upRate: number;
  downRate: number;
  /** Bytes that passed since a reply last showed the counters. */
  unread: number;
}

/** A client's counters as a reply shows them, in bytes. */
export interface Counters {
  readonly up: number;
  readonly down: number;
  /** What the reply says of the counters' beginning: another text tells the reader that they began anew. */
  readonly epoch: string;
  /** How often they really began anew. */
  readonly stay: number;
}

/** A device at its first request: shut, with nothing counted. */
export function arrival(id: number, mac: Mac, ip: string): SimClient {
  const nothing = { token: '', open: false, up: 0, down: 0, sessionStart: 0, lastActive: 0 };
  return { id, mac, ip, ...nothing, inRules: { up: 0, down: 0 }, upRate: 0, downRate: 0, unread: 0 };
}

/**
 * Counts what passed. The counters take the rules' figure only when it is the larger one, as the real programs do: after
 * a restart that kept the counters and made new rules they stand still until the rules have caught up.
 * @returns by how much the counters grew
 */
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

/** Makes a client what the portal's file has of it, with new rules. @returns whether that is what it was */
export function recall(client: SimClient, { token, open, up, down }: SimClient): boolean {
  const same = client.token === token && client.up === up && client.down === down;
  Object.assign(client, { token, open, up, down, inRules: { up: 0, down: 0 } });
  return same;
}

/** @param stay how often this client's counters began anew */
export function countersOf(client: SimClient, { bytesPerUnit }: Dialect, stay: number): Counters {
  const printed = (bytes: number) => Math.floor(bytes / bytesPerUnit) * bytesPerUnit;
  const epoch = `${client.token} ${client.sessionStart}`;
  return { up: printed(client.up), down: printed(client.down), epoch, stay };
}

/** Bytes that no reader can know of: between two replies the counters began anew, and the second one does not show it. */
export function hiddenBy(before: Counters | undefined, now: Counters): number {
  if (!before || before.stay === now.stay || before.epoch !== now.epoch) return 0;
  return now.up >= before.up && now.down >= before.down ? before.up + before.down : 0;
}

/** The program begins anew with a client: shut, at zero, with a new token. `random`: 0 to 1. `now`: seconds since 1970. */
export function forget(client: SimClient, random: () => number, now: number): void {
  zero(client);
  const token = Math.floor(random() * 2 ** 32)
    .toString(16)
    .padStart(8, '0');
  Object.assign(client, { open: false, sessionStart: 0, token, lastActive: now });
}
