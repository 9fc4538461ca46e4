import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { crowding } from '../../rig/until.js';
import { serverAddress, serverAddress6 } from './network.js';
import type { Room, RoomProcess } from './room.js';

/** TCP sends again after 0.2, 0.6 and 1.4 s: who hears nothing for this long is cut off, in ms of an idle machine. */
const stallMs = 2_000;
/** A machine that stood still heard nothing either: silence is counted in so many parts, each with a look between. */
const stallParts = 8;

/** How one transfer went. */
export interface Transfer {
  /** Octets of payload that arrived at the other end; of an upload that was cut off, 0. */
  readonly bytes: number;
  /** Everything arrived. Not so if the portal answered in the server's place, or nothing came for 2 s. */
  readonly ok: boolean;
}

export interface TransferOptions {
  /** Octets of payload a second. @default as fast as it goes */
  readonly ratePerSecond?: number;
  /** With IPv6. @default false */
  readonly ipv6?: boolean;
  /** Gives up: what arrived until then is the result. */
  readonly signal?: AbortSignal;
  /** Told after each piece of a download how many octets have arrived. */
  readonly onProgress?: (bytes: number) => void;
}

/** The first line and the length of an HTTP reply, taken piece by piece. */
class Reply {
  status = 0;
  body = 0;
  #head = '';

  take(piece: Buffer): void {
    if (this.status !== 0) {
      this.body += piece.length;
      return;
    }
    this.#head += piece.toString('latin1');
    const end = this.#head.indexOf('\r\n\r\n');
    if (end < 0) return;
    this.status = Number(this.#head.split(' ', 2)[1]);
    this.body = this.#head.length - end - 4;
  }
}

/** Opens a web page and gives the status code of whoever answers: the server, or the portal in its place. */
export async function visit(room: Room): Promise<number> {
  const { reply } = await get(room, '?bytes=1', {});
  return reply.status;
}

/** Fetches `bytes` octets from the web server. */
export async function download(room: Room, bytes: number, options: TransferOptions): Promise<Transfer> {
  const rate = options.ratePerSecond === undefined ? '' : `&rate=${options.ratePerSecond}`;
  const { reply, code } = await get(room, `?bytes=${bytes}${rate}`, options);
  const arrived = reply.status === 200 ? reply.body : 0;
  return { bytes: arrived, ok: code === 0 && arrived === bytes };
}

/** Sends `bytes` octets to the web server. */
export async function upload(room: Room, bytes: number, options: TransferOptions): Promise<Transfer> {
  const rate = options.ratePerSecond === undefined ? [] : ['--limit-rate', String(options.ratePerSecond)];
  const { curl, alive } = startCurl(
    room,
    ['-g', '-H', 'Expect:', '-T', '-', ...rate, urlOf(options)],
    options,
  );
  Readable.from(zeros(bytes, alive)).pipe(curl.stdin);
  const [taken, code] = await Promise.all([text(curl.stdout), curl.exited]);
  const arrived = code === 0 && /^\d+$/.test(taken) ? Number(taken) : 0;
  return { bytes: arrived, ok: arrived === bytes };
}

async function get(room: Room, query: string, options: TransferOptions) {
  const { curl, alive } = startCurl(room, ['-g', '-i', `${urlOf(options)}${query}`], options);
  const reply = new Reply();
  for await (const piece of curl.stdout) {
    alive();
    reply.take(piece as Buffer);
    if (reply.status === 200) options.onProgress?.(reply.body);
  }
  return { reply, code: await curl.exited };
}

function urlOf({ ipv6 = false }: TransferOptions): string {
  return ipv6 ? `http://[${serverAddress6}]/` : `http://${serverAddress}/`;
}

/** Starts curl; it is ended on abort, or when `alive` was not called for {@link stallMs} in which this process ran. */
function startCurl(room: Room, args: readonly string[], { signal }: TransferOptions) {
  const curl: RoomProcess = room.start('curl', ['-sSN', ...args]);
  const end = () => void curl.signal('TERM');
  let silent = 0;
  const look = () => {
    silent += 1;
    if (silent === stallParts) end();
  };
  const stall = setInterval(look, (stallMs / stallParts) * crowding());
  signal?.addEventListener('abort', end, { once: true });
  if (signal?.aborted) end();
  void curl.exited.then(() => {
    clearInterval(stall);
    signal?.removeEventListener('abort', end);
  });
  curl.stderr.resume();
  const alive = () => {
    silent = 0;
  };
  return { curl, alive };
}

function* zeros(total: number, alive: () => void): Generator<Buffer> {
  const block = Buffer.alloc(65_536);
  for (let left = total; left > 0; left -= block.length) {
    alive();
    yield block.subarray(0, Math.min(left, block.length));
  }
}
