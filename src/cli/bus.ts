import { existsSync } from 'node:fs';
import type { Table } from 'openwrt-ubus';
import { UbusClient, UbusError } from 'openwrt-ubus';
import { methods, objectPath } from '../api/control.js';
import { nearest } from '../config/fault.js';
import { systemErrorOf } from '../system-error.js';
import type { Options } from './command.js';
import { CommandError, explain } from './failure.js';

const usualSockets = ['/var/run/ubus/ubus.sock', '/var/run/ubus.sock'];

/** Of every command that talks to the daemon. */
export const busOptions = {
  socket: {
    value: 'FILE',
    says: `the socket of ubusd; without it that of TURNPIKE_SOCKET, ${usualSockets.join(' or ')}`,
  },
} as const satisfies Options;

/** Calls a method of the daemon. @throws {@link CommandError} `failed` when there is no answer */
export type Call = (method: string, args: Table) => Promise<Table>;

/** Connects to ubusd for as long as `work` takes. @throws what `work` does, or {@link CommandError} */
export async function withBus<T>(
  options: { readonly socket: string | undefined },
  work: (client: UbusClient, socket: string) => Promise<T>,
): Promise<T> {
  const socket = options.socket ?? findSocket();
  const client = new UbusClient({ socket });
  try {
    await client.connect().catch((cause) => Promise.reject(unconnected(cause, socket)));
    return await work(client, socket);
  } finally {
    await client.close();
  }
}

/** Connects to the daemon over ubus, for as long as `work` takes. @throws what `work` does, or {@link CommandError} */
export function withDaemon<T>(
  options: { readonly socket: string | undefined },
  work: (call: Call) => Promise<T>,
): Promise<T> {
  return withBus(options, (client, socket) =>
    work(async (method, args) => {
      const reply = client.call(objectPath, method, args);
      return (await reply.catch((cause) => Promise.reject(unanswered(cause, method, socket)))) ?? {};
    }),
  );
}

/**
 * What the daemon answered.
 * @throws {@link CommandError} `failed` for an error in the answer
 */
export function answerOf(reply: Table): Table {
  const { error } = reply as { error?: { code?: unknown; message?: unknown } };
  if (error === undefined) return reply;
  throw new CommandError('failed', `${error.message} (${error.code})`);
}

/** JSON for people and for programs. Whole numbers beyond 2^53 are text, for most readers of JSON round them. */
export function json(value: unknown): string {
  const exact = (_key: string, one: unknown) => (typeof one === 'bigint' ? one.toString() : one);
  return JSON.stringify(value, exact, '\t');
}

function unconnected(cause: unknown, socket: string): unknown {
  if (!(cause instanceof UbusError)) return cause;
  const isSystems = systemErrorOf(cause.cause) !== undefined;
  const why = isSystems ? explain(cause) : `${socket} does not answer as ubusd does`;
  const hint = existsSync(socket) ? '' : '; is ubusd running? --socket FILE names another';
  return new CommandError('failed', `${why}${hint}`, { cause });
}

function unanswered(cause: unknown, method: string, socket: string): unknown {
  if (!(cause instanceof UbusError)) return cause;
  return new CommandError('failed', sayWhy(cause, method, socket), { cause });
}

function sayWhy(cause: UbusError, method: string, socket: string): string {
  switch (cause.code) {
    case 'connection_failed':
      return `${socket}: the connection ended before ${method} was answered; look whether it was done`;
    case 'not_found':
      return `the daemon is not on the bus of ${socket}; start it: /etc/init.d/turnpike start`;
    case 'method_not_found': {
      const meant = nearest(method, Object.keys(methods));
      return `the daemon has no method ${method}${meant === undefined ? '' : `; did you mean ${meant}?`}`;
    }
    case 'permission_denied':
      return `ubusd does not allow this user to call ${method}; try it as root`;
    case 'timeout':
      return `the daemon does not answer ${method}; its log may say why: logread -e turnpike`;
    default:
      return cause.message;
  }
}

/** Nothing but the caller's own environment and ubusd's own folder says where the bus is. */
function findSocket(): string {
  return process.env.TURNPIKE_SOCKET || (usualSockets.find(existsSync) ?? usualSockets[0]!);
}
