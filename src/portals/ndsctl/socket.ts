import { execFile } from 'node:child_process';
import { statSync } from 'node:fs';
import { createConnection, type Socket } from 'node:net';
import { ReplyBytes } from './reply-bytes.js';

export { ReplyBytes } from './reply-bytes.js';

/** Where a portal is asked: its control socket, or its command for portals whose socket is elsewhere. */
export type ControlTarget =
  | { readonly transport: 'socket'; readonly path: string }
  | { readonly transport: 'command'; readonly file: string };

export type NdsctlErrorCode = 'absent' | 'refused' | 'timeout' | 'aborted' | 'failed';

/** The portal could not be asked, or did not answer. */
export class NdsctlError extends Error {
  /** `absent`: no socket or command; `refused`: a socket that nobody listens on; `failed`: anything else. */
  readonly code: NdsctlErrorCode;

  constructor(code: NdsctlErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'NdsctlError';
    this.code = code;
  }
}

export interface ControlReply {
  readonly reply: Buffer;
  readonly tookMs: number;
  /** Connections that were opened and closed to wake the portal up. */
  readonly kicks: number;
  /** When the portal that replied was started, in ms: the age of its socket. 0 where nothing tells. */
  readonly life: number;
}

export interface RequestOptions {
  /** Silence for this long is taken for the wedge, in ms. */
  readonly timeoutMs: number;
  /** Kicks that the last request needed: this one will need them too, so they come at once. @default 0 */
  readonly late?: number;
  readonly signal?: AbortSignal | undefined;
  /** Where the reply of a socket is put; the reply is a view of it then. One of its own if there is none. */
  readonly into?: ReplyBytes;
}

/** Arguments reach a root shell inside openNDS: letters, digits and these, nothing else. */
const allowed = /^[a-z]+(?: [A-Za-z0-9:.,_-]{1,200})?$/;
const maxReply = 64 * 1024 * 1024;
/** A kick that works does so at once; four have always been enough. */
const kickSpacingMs = 120;
const maxKicks = 8;
/** Long enough for the request itself to have arrived first. */
const earlyKickMs = 20;

/**
 * Asks the portal one thing: one connection, the command in one write, the reply to its end.
 *
 * Never two at a time for one portal: its daemon accepts one connection for each readiness event, and forgets the
 * other until a further one comes. That further one is the kick, made here when the reply is late.
 * @throws {@link NdsctlError}
 */
export async function request(
  target: ControlTarget,
  command: string,
  options: RequestOptions,
): Promise<ControlReply> {
  if (!allowed.test(command))
    throw new NdsctlError('failed', 'the command has characters that are not allowed');
  const started = performance.now();
  const life = lifeOf(target);
  const asked =
    target.transport === 'socket'
      ? await askSocket(target.path, command, options)
      : { reply: await askCommand(target.file, command, options), kicks: 0 };
  const now = lifeOf(target);
  // The reply may come from the portal before or after its restart, and means something else in each case.
  if (now !== life && now !== 0) throw new NdsctlError('failed', 'the portal was started anew meanwhile');
  return { ...asked, life, tookMs: performance.now() - started };
}

/** A portal puts a new socket in the place of the old one when it starts. */
function lifeOf(target: ControlTarget): number {
  try {
    return target.transport === 'socket' ? statSync(target.path).mtimeMs : 0;
  } catch {
    // The connection reports what is wrong with the socket.
    return 0;
  }
}

function askSocket(
  path: string,
  command: string,
  { timeoutMs, late = 0, signal, into = new ReplyBytes() }: RequestOptions,
): Promise<{ reply: Buffer; kicks: number }> {
  return new Promise((resolve, reject) => {
    into.clear();
    let kicks = 0;
    const socket = createConnection({
      path,
      onread: { buffer: () => into.room(), callback: (bytes) => received(bytes) },
    });
    const kickers = new Set<Socket>();
    let timer = setTimeout(kick, late > 0 ? earlyKickMs : timeoutMs);
    signal?.addEventListener('abort', abort, { once: true });
    if (signal?.aborted) abort();

    function end(outcome: NdsctlError | undefined): void {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
      socket.destroy();
      for (const kicker of kickers) kicker.destroy();
      if (outcome) reject(outcome);
      else resolve({ reply: into.view(), kicks });
    }
    function received(bytes: number): boolean {
      into.took(bytes);
      // A long reply that keeps coming is not a silent one.
      timer.refresh();
      if (into.length <= maxReply) return true;
      end(new NdsctlError('failed', `the reply is larger than ${maxReply} bytes`));
      return false;
    }
    function abort(): void {
      end(new NdsctlError('aborted', 'the request was called off'));
    }
    function kick(): void {
      if (kicks === maxKicks) {
        end(new NdsctlError('timeout', `no reply, and ${kicks} kicks did not help`));
        return;
      }
      kicks += 1;
      const kicker = createConnection(path, () => kicker.destroy());
      kickers.add(kicker);
      kicker.on('error', () => {});
      kicker.on('close', () => kickers.delete(kicker));
      // After the early kicks the portal gets as much time as without them.
      const wait = kicks < late ? earlyKickMs : kicks === late ? timeoutMs : kickSpacingMs;
      timer = setTimeout(kick, wait);
    }

    socket.on('connect', () => socket.write(`${command}\n`));
    socket.on('end', () => end(undefined));
    socket.on('error', (cause) => end(connectionError(path, cause)));
    socket.on('close', () => end(new NdsctlError('failed', 'the portal hung up')));
  });
}

function connectionError(path: string, cause: NodeJS.ErrnoException): NdsctlError {
  if (cause.code === 'ENOENT') return new NdsctlError('absent', `there is no socket ${path}`, { cause });
  if (cause.code === 'ECONNREFUSED') {
    return new NdsctlError('refused', `nobody listens on ${path}`, { cause });
  }
  return new NdsctlError('failed', `${path}: ${cause.message}`, { cause });
}

function askCommand(file: string, command: string, { timeoutMs, signal }: RequestOptions): Promise<Buffer> {
  const [verb, argument] = command.split(' ') as [string, string | undefined];
  const args = argument === undefined ? [verb] : [verb, argument];
  return new Promise((resolve, reject) => {
    // No shell: the arguments reach the command as they are. Its own start takes longer than a socket's reply.
    const options = { encoding: 'buffer', maxBuffer: maxReply, timeout: timeoutMs + 5_000, signal } as const;
    execFile(file, args, options, (cause, stdout) => {
      if (!cause) return resolve(stdout);
      if (signal?.aborted) return reject(new NdsctlError('aborted', 'the request was called off', { cause }));
      if (cause.code === 'ENOENT') return reject(new NdsctlError('absent', `there is no ${file}`, { cause }));
      if (cause.killed) return reject(new NdsctlError('timeout', `${file} gave no reply`, { cause }));
      // ndsctl exits with 1 for `No` and says so.
      if (stdout.length > 0) return resolve(stdout);
      reject(new NdsctlError('failed', `${file} ${verb}: ${cause.message.split('\n')[0]}`, { cause }));
    });
  });
}
