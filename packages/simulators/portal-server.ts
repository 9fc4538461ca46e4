import { statSync, unlinkSync, utimesSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';

/** What is answered. */
export interface Reply {
  readonly text: string;
  /** The first `length` characters are with the caller. Not told when the connection was cut off before. */
  readonly arrived?: (length: number) => void;
  /** The connection ended on the way: the caller may have any part of it. */
  readonly torn?: () => void;
}

/** What the socket does wrong, until told otherwise. */
export interface PortalFaults {
  /** Every reply waits this long, in ms. */
  delayMs: number;
  /** Replies are cut to so many bytes. */
  truncate: number;
  /** Replies are empty. */
  empty: boolean;
  /** Requests are taken and never answered. */
  hang: boolean;
}

/** Connections that wait: `listen(sock, 5)` leaves room for one more than that. */
const mostWaiting = 6;
/** A line of this many bytes or more makes the real daemon drop the connection. */
const longestLine = 9000;

/**
 * The control socket of a portal: one request a connection, and the real one's bad habit.
 *
 * The daemon accepts one connection for each readiness event, and events are edge-triggered (ndsctl_thread.c): of all
 * that come while it serves another, one is accepted afterwards. The rest waits in the backlog until a further one
 * comes, and from then on all are served late. What does not fit into the backlog is turned away.
 */
export class PortalServer {
  readonly faults: PortalFaults = {
    delayMs: 0,
    truncate: Number.POSITIVE_INFINITY,
    empty: false,
    hang: false,
  };
  /** Connections at the same time, at the most: 1 as long as nobody breaks the rule. */
  mostAtOnce = 0;
  readonly #path: string;
  readonly #answer: (command: string) => Reply;
  readonly #open = new Set<Socket>();
  /** Undefined: a connection whose caller is long gone. */
  readonly #backlog: (Socket | undefined)[] = [];
  #serving = false;
  /** Somebody came while another was being served. */
  #missed = false;
  #server: Server | undefined;
  /** The age of its last socket, in ms. */
  #started = 0;

  constructor(path: string, answer: (command: string) => Reply) {
    this.#path = path;
    this.#answer = answer;
  }

  /** Listens, on the place of a socket that a dead portal left. */
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
    const server = this.#server;
    this.#server = undefined;
    return new Promise((resolve) => (server ? server.close(() => resolve()) : resolve()));
  }

  /** Connections that wait for a further one to come: more than 0 is the wedge. */
  get stuck(): number {
    return this.#backlog.length;
  }

  /** As if a request had been missed: from now on all are served one late. */
  wedge(): void {
    this.#backlog.push(undefined);
  }

  #arrive(socket: Socket): void {
    this.#open.add(socket);
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
  }

  #accept(): void {
    const socket = this.#backlog.shift();
    if (!socket || socket.destroyed || this.faults.hang) return;
    this.#serving = true;
    socket.once('close', () => {
      this.#serving = false;
      if (!this.#missed) return;
      this.#missed = false;
      this.#accept();
    });
    socket.once('data', (chunk: Buffer) => this.#serve(socket, chunk));
    // Nothing but an end is a kick.
    socket.once('end', () => socket.destroy());
    socket.resume();
  }

  /** A command that comes in two writes is not waited for: the part is run. */
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

/** A real portal takes longer to start than one tick of the clock that dates its socket. */
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
