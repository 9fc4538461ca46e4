import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createConnection, createServer, type Server, type Socket } from 'node:net';

/**
 * A lock among all processes of this machine that name the same file.
 *
 * The lock is a socket in Linux's abstract name space: the kernel removes it when its process ends, however it ends, so
 * no stale lock is ever left. A process that waits is connected to the socket, and notices when it closes.
 */
export class FileMutex {
  readonly #path: string;
  readonly #waiting = new Set<Socket>();
  #turn: Promise<unknown> = Promise.resolve();

  constructor(file: string) {
    this.#path = `\0turnpike-${createHash('sha256').update(file).digest('hex').slice(0, 32)}`;
  }

  /** Runs `work` alone. Within a process in the order of the calls. */
  run<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(() => this.#alone(work));
    this.#turn = result.catch(() => {});
    return result;
  }

  async #alone<T>(work: () => Promise<T>): Promise<T> {
    const server = await this.#take();
    try {
      return await work();
    } finally {
      server.close();
      for (const one of this.#waiting) one.destroy();
      this.#waiting.clear();
    }
  }

  async #take(): Promise<Server> {
    for (;;) {
      const server = createServer((socket) => {
        this.#waiting.add(socket);
        socket.on('error', () => {}).once('close', () => this.#waiting.delete(socket));
      });
      server.listen(this.#path);
      try {
        await once(server, 'listening');
        return server;
      } catch (cause) {
        if ((cause as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw cause;
        await this.#released();
      }
    }
  }

  /** Resolves when the holder releases the lock, or ends. */
  async #released(): Promise<void> {
    const socket = createConnection(this.#path);
    socket.on('error', () => {}).resume();
    await new Promise<void>((resolve) => socket.once('close', () => resolve()));
  }
}
