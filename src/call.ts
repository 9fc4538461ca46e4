import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Table, UbusClient, UbusError } from 'openwrt-ubus';
import { objectPath } from './api/control.js';

/** The demo says here where its broker listens, so that `turnpike call` finds it. */
export const demoPointer = join(tmpdir(), 'turnpike-demo.socket');

const usualSockets = ['/var/run/ubus/ubus.sock', '/var/run/ubus.sock'];

/** Calls the daemon over ubus and prints its answer as JSON. @returns the exit code: 1 for an error in the answer. */
export async function callCommand(
  command: string,
  args: string[],
  socket: string | undefined,
): Promise<number> {
  const request = requestOf(command, args);
  if (!request) {
    process.stderr.write(`turnpike ${command}: wrong arguments, see turnpike --help\n`);
    return 2;
  }
  const client = new UbusClient({ socket: socket ?? findSocket() });
  try {
    await client.connect();
    const reply = (await client.call(objectPath, request.method, request.args)) ?? {};
    process.stdout.write(`${JSON.stringify(reply, bigintAsNumber, '\t')}\n`);
    return 'error' in reply ? 1 : 0;
  } catch (cause) {
    if (!(cause instanceof UbusError)) throw cause;
    process.stderr.write(`turnpike: ${cause.message}\n`);
    return cause.status;
  } finally {
    client.close();
  }
}

function requestOf(command: string, args: string[]): { method: string; args: Table } | undefined {
  const [first, second, ...rest] = args;
  switch (command) {
    case 'call':
      return first === undefined ? undefined : { method: first, args: parseTable(second ?? '{}') };
    case 'sessions':
      return { method: 'sessions', args: { state: 'live' } };
    case 'grant': {
      const reason = rest.join(' ');
      if (first === undefined || !/^\d+$/.test(second ?? '') || reason === '') return undefined;
      const key = { idempotency_key: `cli-${randomUUID()}` };
      return { method: 'grant', args: { mac: first, bytes: Number(second), reason, ...key } };
    }
    case 'close':
      if (first === undefined) return undefined;
      return { method: 'close', args: first.includes(':') ? { mac: first } : { id: first } };
    default:
      return undefined;
  }
}

function parseTable(text: string): Table {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new Error(`the arguments are no JSON: ${(cause as Error).message}`, { cause });
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Table;
  throw new Error('the arguments must be a JSON object');
}

/** The demo's broker while it runs, else the system's. */
export function findSocket(): string {
  const demo = existsSync(demoPointer) ? readFileSync(demoPointer, 'utf8').trim() : '';
  const places = [...(demo ? [demo] : []), ...usualSockets];
  return places.find(existsSync) ?? usualSockets[0]!;
}

function bigintAsNumber(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value;
}
