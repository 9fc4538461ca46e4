import { mkdirSync, renameSync, statSync, unlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';

/** The answer to a request, and who wants to hear what became of it. */
export interface Reply {
  readonly text: string;
  /** Told when the first `length` characters have been sent; not told when the connection broke before. */
  readonly arrived?: (length: number) => void;
  /** Told when the connection broke on the way: the caller may have any part of the text. */
  readonly torn?: () => void;
}

/** What the socket does wrong; a test sets it and takes it back. */
export interface PortalFaults {
  /** Milliseconds that every reply waits. */
  delayMs: number;
  /** Replies are cut to so many characters. */
  truncate: number;
  /** Replies are empty. */
  empty: boolean;
  /** Requests are taken and never answered. */
  hang: boolean;
}

/** Connections that may wait to be accepted: the real daemon's `listen(sock, 5)` has room for six. */
const mostWaiting = 6;
/** Bytes of a request from which on the real daemon drops the connection. */
const longestLine = 9000;

/**
 * The control socket of a portal: one request for each connection, and the fault that the real daemons share.
 *
 * They accept one connection for each readiness event, and events are edge-triggered (ndsctl_thread.c): of all the
 * connections that come while one is served, one is accepted afterwards. The others wait in the backlog until a further
 * one comes; from then on each request is served when the next one arrives. What does not fit is turned away.
 */
export class PortalServer {
  readonly faults: PortalFaults = {
    delayMs: 0,
    truncate: Number.POSITIVE_INFINITY,
    empty: false,
    hang: false,
  };
  /** The most connections at the same time: 1 if every caller waited for its turn. */
  mostAtOnce = 0;
  /** Connections that were ever made, and those of them that were accepted and ended without a request. */
  connections = 0;
  empties = 0;
  /**
   * A directory in the place of `/proc`, in which it tells what waits and what it serves: to the kernel all of its
   * connections are accepted at once. @default undefined, and it tells nothing
   */
  proc: string | undefined;
  readonly #path: string;
  readonly #answer: (command: string) => Reply;
  readonly #open = new Set<Socket>();
  /** Connections that wait to be accepted. Undefined: one whose caller is long gone. */
  readonly #backlog: (Socket | undefined)[] = [];
  #serving = false;
  /** A connection came while another was being served: one readiness event is pending. */
  #missed = false;
  #server: Server | undefined;
  /** When its last socket was made, in ms since 1970. */
  #started = 0;

  constructor(path: string, answer: (command: string) => Reply) {
    this.#path = path;
    this.#answer = answer;
  }

  /** Listens. A socket that a killed portal left at this path is replaced. */
  start(): Promise<void> {
    removeStale(this.#path);
    return new Promise((resolve, reject) => {
      const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (s) => this.#arrive(s));
      server.once('error', reject);
      server.listen(this.#path, () => {
        this.#started = newer(this.#path, this.#started);
        resolve();
      });
      this.#server = server;
    });
  }

  /** Drops all connections and takes the socket away. */
  stop(): Promise<void> {
    for (const socket of this.#open) socket.destroy();
    this.#backlog.length = 0;
    this.#serving = false;
    this.#missed = false;
    this.#tell();
    const server = this.#server;
    this.#server = undefined;
    return new Promise((resolve) => (server ? server.close(() => resolve()) : resolve()));
  }

  /** Connections that wait in the backlog: more than 0 while nothing is served means that it lags. */
  get stuck(): number {
    return this.#backlog.length;
  }

  /** Puts the portal into the state after a lost readiness event: from now on each request is served one late. */
  wedge(): void {
    this.#backlog.push(undefined);
    this.#tell();
  }

  /** Writes its connections down as the kernel lists those of a socket (`/proc/net/unix`). */
  #tell(): void {
    if (this.proc === undefined || !this.#server) return;
    const line = (state: string, inode: number) =>
      `0000000000000000: 00000002 00000000 00000000 0001 ${state} ${inode} ${this.#path}\n`;
    mkdirSync(join(this.proc, 'net'), { recursive: true });
    const lines = this.#backlog.map(() => line('02', 0));
    if (this.#serving) lines.push(line('03', 4711));
    // Whoever looks meanwhile sees all of it.
    const table = join(this.proc, 'net/unix');
    writeFileSync(`${table}.new`, lines.join(''));
    renameSync(`${table}.new`, table);
  }

  #arrive(socket: Socket): void {
    this.#open.add(socket);
    this.connections += 1;
    this.mostAtOnce = Math.max(this.mostAtOnce, this.#open.size);
    socket.on('error', () => {});
    socket.on('close', () => this.#open.delete(socket));
    if (this.#backlog.length >= mostWaiting) {
      socket.destroy();
      return;
    }
    this.#backlog.push(socket);
    if (this.#serving) this.#missed = true;
    else this.#accept();
    this.#tell();
  }

  #accept(): void {
    const socket = this.#backlog.shift();
    if (!socket || socket.destroyed || this.faults.hang) return;
    this.#serving = true;
    socket.once('close', () => {
      this.#serving = false;
      this.#tell();
      if (!this.#missed) return;
      this.#missed = false;
      this.#accept();
      this.#tell();
    });
    socket.once('data', (chunk: Buffer) => this.#serve(socket, chunk));
    // A connection that ends without a request has taken its turn.
    socket.once('end', () => {
      if (socket.bytesRead === 0) this.empties += 1;
      socket.destroy();
    });
    socket.resume();
  }

  /** Like the real daemon, it runs what the first read brings, be it a part of a command. */
  #serve(socket: Socket, chunk: Buffer): void {
    if (chunk.length >= longestLine) {
      socket.destroy();
      return;
    }
    // ndsctl ends its lines with `\r\n`.
    const command = chunk.toString('latin1').split('\n')[0]?.trimEnd() ?? '';
    const reply = () => {
      const { truncate, empty } = this.faults;
      const { text, arrived, torn } = this.#answer(command);
      const sent = empty ? '' : text.slice(0, truncate);
      if (torn) socket.once('close', torn);
      socket.end(sent, (cause?: Error | null) => {
        if (cause) return;
        if (torn) socket.off('close', torn);
        arrived?.(sent.length);
        socket.destroy();
      });
    };
    if (this.faults.delayMs > 0) setTimeout(reply, this.faults.delayMs);
    else reply();
  }
}

/** Makes the socket's date later than the last one's: a real portal takes longer to start than a tick of the clock. */
function newer(path: string, than: number): number {
  const { atime, mtimeMs } = statSync(path);
  if (mtimeMs > than) return mtimeMs;
  utimesSync(path, atime, (than + 1) / 1000);
  return statSync(path).mtimeMs;
}

function removeStale(path: string): void {
  try {
    unlinkSync(path);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') throw cause;
  }
}
