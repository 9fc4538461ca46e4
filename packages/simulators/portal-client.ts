import type { Dialect } from '../../src/domain/dialect.js';
import type { Mac } from '../../src/domain/mac.js';

/** One client object inside the simulated portal. */
export interface SimClient {
  readonly id: number;
  readonly mac: Mac;
  readonly ip: string;
  token: string;
  open: boolean;
  /** Bytes since the counters began; the portal prints them cut to its unit. */
  up: number;
  down: number;
  /** Bytes since its rules are in the firewall. The counters above keep what is larger. */
  inRules: { up: number; down: number };
  /** Seconds since 1970; 0 before the gate was opened (for openNDS) or always (for nodogsplash, as it is). */
  sessionStart: number;
  lastActive: number;
  upRate: number;
  downRate: number;
  /** Bytes since a reply last showed the counters. */
  unread: number;
}

/** A client's counters as a reply prints them, in bytes. */
export interface Counters {
  readonly up: number;
  readonly down: number;
  /** Differs when a reader is told that they began anew. */
  readonly epoch: string;
  /** Differs when they did. */
  readonly stay: number;
}

/** A client object as the real portals print it, byte for byte but for what stands in it. */
export function printClient(dialect: Dialect, client: SimClient, indent: string): string {
  return dialect.name === 'opennds' ? printOpennds(client, indent) : printNodogsplash(client);
}

/** The reply to `json`. */
export function printAll(dialect: Dialect, clients: readonly SimClient[]): string {
  const opennds = dialect.name === 'opennds';
  const indent = opennds ? '    ' : '';
  const objects = clients.map((c) => `${indent}"${c.mac}":{\n${printClient(dialect, c, indent)}${indent}}`);
  const list = objects.length === 0 ? '' : `${objects.join(',\n')}\n`;
  return opennds
    ? `{\n  "client_list_length":"${clients.length}",\n  "clients":{\n${list}  }\n}\n`
    : `{\n"client_length": ${clients.length},\n"clients":{\n${list}}\n}\n`;
}

/** The reply to `json X`. */
export function printOne(dialect: Dialect, client: SimClient | undefined): string {
  return client ? `{\n${printClient(dialect, client, '')}}\n` : '{}\n';
}

function printNodogsplash(c: SimClient): string {
  const added = c.sessionStart;
  const now = Math.floor(Date.now() / 1000);
  // It divides by the age of the session: `inf` and `-nan` in the first second.
  const average = (bytes: number) =>
    added > 0 && now === added
      ? bytes > 0
        ? 'inf'
        : '-nan'
      : (bytes / 125 / Math.max(1, now - added)).toFixed(2);
  return [
    `"id":${c.id}`,
    `"ip":"${c.ip}"`,
    `"mac":"${c.mac}"`,
    `"added":${added}`,
    `"active":${c.lastActive}`,
    `"duration":${added > 0 ? now - added : 0}`,
    `"token":"${c.token}"`,
    `"state":"${stateOf(c)}"`,
    `"downloaded":${Math.floor(c.down / 1000)}`,
    `"avg_down_speed":${average(c.down)}`,
    `"uploaded":${Math.floor(c.up / 1000)}`,
    `"avg_up_speed":${average(c.up)}\n`,
  ].join(',\n');
}

function printOpennds(c: SimClient, indent: string): string {
  const age = Math.max(1, Math.floor(Date.now() / 1000) - c.sessionStart);
  const rate = (n: number) => (n === 0 ? 'null' : String(n));
  const fields: [string, string][] = [
    ['gatewayname', 'turnpike%20demo'],
    ['gatewayaddress', '10.77.0.1:2050'],
    ['gatewayfqdn', 'status.client'],
    ['version', '9.10.0'],
    ['client_type', 'cpd_can'],
    ['mac', c.mac],
    ['ip', c.ip],
    ['clientif', 'br-lan'],
    ['session_start', String(c.sessionStart)],
    ['session_end', 'null'],
    ['last_active', String(c.lastActive)],
    ['token', c.token],
    ['state', stateOf(c)],
    ['custom', c.sessionStart === 0 ? 'none' : 'bmE='],
    ['download_rate_limit_threshold', rate(c.downRate)],
    ['download_packet_rate', 'null'],
    ['download_bucket_size', 'null'],
    ['upload_rate_limit_threshold', rate(c.upRate)],
    ['upload_packet_rate', 'null'],
    ['upload_bucket_size', 'null'],
    ['download_quota', 'null'],
    ['upload_quota', 'null'],
    ['download_this_session', String(Math.floor(c.down / 1024))],
    ['download_session_avg', (c.down / 125 / age).toFixed(2)],
    ['upload_this_session', String(Math.floor(c.up / 1024))],
    ['upload_session_avg', (c.up / 125 / age).toFixed(2)],
  ];
  return `${fields.map(([key, value]) => `  ${indent}"${key}":"${value}"`).join(',\n')}\n`;
}

function stateOf(client: SimClient): string {
  return client.open ? 'Authenticated' : 'Preauthenticated';
}

/** `stay`: how often this client's counters have gone. */
export function countersOf(client: SimClient, { bytesPerUnit }: Dialect, stay: number): Counters {
  const printed = (bytes: number) => Math.floor(bytes / bytesPerUnit) * bytesPerUnit;
  const epoch = `${client.token} ${client.sessionStart}`;
  return { up: printed(client.up), down: printed(client.down), epoch, stay };
}

/** Bytes that the second of two replies hides: its counters began anew, and nothing in it says so. */
export function hiddenBy(before: Counters | undefined, now: Counters): number {
  if (!before || before.stay === now.stay || before.epoch !== now.epoch) return 0;
  return now.up >= before.up && now.down >= before.down ? before.up + before.down : 0;
}
