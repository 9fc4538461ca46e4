import { statSync } from 'node:fs';
import { askCommand } from './command.js';
import { NdsctlError } from './error.js';
import { type Exchanged, exchange } from './exchange.js';
import { type Patience, patienceFor } from './patience.js';
import { ReplyBytes } from './reply-bytes.js';
import { turnAt } from './turn.js';

/** Where a portal is asked: its control socket, or its command for portals whose socket is elsewhere. */
export type ControlTarget =
  | { readonly transport: 'socket'; readonly path: string }
  | { readonly transport: 'command'; readonly file: string };

export interface ControlReply {
  readonly reply: Buffer;
  readonly tookMs: number;
  /** Connections that wait to be accepted and that the portal does not know of; each makes replies late by one. */
  readonly lag: number;
  /** When the portal that replied was started, in ms: the age of its socket. 0 where nothing tells. */
  readonly life: number;
}

export interface RequestOptions {
  /** @default what {@link patienceFor} says of the command */
  readonly patience?: Partial<Patience>;
  /** The lag after the last request: it is known, and needs no watching. @default 0 */
  readonly lag?: number;
  readonly signal?: AbortSignal | undefined;
  /** Where the reply of a socket is put; the reply is a view of it then. A copy of its own if there is none. */
  readonly into?: ReplyBytes;
}

/** The largest piece of a reply about one client that a read takes at once: most are shorter than 1 kB. */
const shortBytes = 4096;
/** Room for replies without one of theirs that is free: as many as there were at the same time. */
const rooms: ReplyBytes[] = [];

/** Arguments reach a root shell inside openNDS: letters, digits and these, nothing else. */
const allowed = /^[a-z]+(?: [A-Za-z0-9:.,_-]{1,200})?$/;

/**
 * Asks the portal one thing: one connection, the command in one write, the reply to its end.
 *
 * Never two at a time for one portal, and none while somebody else asks it: connections that come while one is served
 * are one event to it, and it forgets all but one of them (see {@link Lag}).
 * @throws {@link NdsctlError}
 */
export async function request(
  target: ControlTarget,
  command: string,
  options: RequestOptions = {},
): Promise<ControlReply> {
  if (!allowed.test(command))
    throw new NdsctlError('failed', 'the command has characters that are not allowed');
  const started = performance.now();
  const life = lifeOf(target);
  const patience = { ...patienceFor(command), ...options.patience };
  const { signal } = options;
  let met = life;
  const connected = () => {
    met = lifeOf(target);
  };
  const asked =
    target.transport === 'socket'
      ? await askSocket(target.path, command, patience, options, connected)
      : { reply: await askCommand(target.file, command, { patience, signal }), lag: 0 };
  // The same socket before and after the connection was made: it is that portal's, and so is the reply, though the portal
  // may be started anew while it comes. Its last counters are in no other. Else either may have replied.
  if (met !== life && met !== 0) throw new NdsctlError('failed', 'the portal was started anew meanwhile');
  return { ...asked, life, tookMs: performance.now() - started };
}

/** When the portal was started, in ms: it puts a new socket in the place of the old one. 0 where nothing tells. */
export function lifeOf(target: ControlTarget): number {
  try {
    return target.transport === 'socket' ? statSync(target.path).mtimeMs : 0;
  } catch {
    // The connection reports what is wrong with the socket.
    return 0;
  }
}

async function askSocket(
  path: string,
  command: string,
  patience: Patience,
  { lag = 0, signal, into }: RequestOptions,
  connected: () => void,
): Promise<Exchanged> {
  const before = await turnAt(path, { turnMs: patience.turnMs, lag, signal });
  if (into) return exchange(path, command, { patience, into, before, signal, connected });
  const room = rooms.pop() ?? new ReplyBytes(shortBytes);
  try {
    const asked = await exchange(path, command, { patience, into: room, before, signal, connected });
    return { ...asked, reply: Buffer.from(asked.reply) };
  } finally {
    room.shrink();
    rooms.push(room);
  }
}
