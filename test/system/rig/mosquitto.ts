import { freeTcpPort } from '../../rig/free-port.js';
import { Server } from './server.js';

export interface MosquittoOptions {
  /** More lines of its configuration; `DIR` stands for its directory. */
  readonly lines?: readonly string[];
  /** Files of its directory. */
  readonly files?: Readonly<Record<string, string>>;
}

/** A real Mosquitto with a configuration of its own, on a port of this machine's loopback. */
export class Mosquitto {
  readonly port: number;
  readonly #server: Server = new Server({
    name: 'Mosquitto',
    command: (dir) => ['mosquitto', '-c', `${dir}/mosquitto.conf`],
    ready: /mosquitto version \S+ running/,
  });

  private constructor(port: number) {
    this.port = port;
  }

  /**
   * Needs Debian's `mosquitto`. It ends with this process, however that ends.
   * @throws {@link RigError} `no-start`, and leaves nothing behind.
   */
  static async start({
    lines = ['allow_anonymous true'],
    files = {},
  }: MosquittoOptions = {}): Promise<Mosquitto> {
    const broker = new Mosquitto(await freeTcpPort());
    const all = [
      // It would give up its rights, and could not write here any more.
      'user root',
      `listener ${broker.port} 127.0.0.1`,
      'log_dest stderr',
      'log_type error',
      'log_type warning',
      'log_type notice',
      'log_type information',
      'persistence true',
      `persistence_location ${broker.dir}/`,
      'max_queued_messages 0',
      ...lines.map((line) => line.replaceAll('DIR', broker.dir)),
    ];
    await broker.#server.begin({ ...files, 'mosquitto.conf': `${all.join('\n')}\n` });
    return broker;
  }

  get url(): string {
    return `mqtt://127.0.0.1:${this.port}`;
  }

  /** Its files. */
  get dir(): string {
    return this.#server.dir;
  }

  /** What the broker said so far. */
  get log(): string {
    return this.#server.log;
  }

  /** Starts it again after {@link stop} or {@link kill}, on the same port. */
  start(): Promise<void> {
    return this.#server.start();
  }

  /** Ends it as its service does: it writes down what it has. */
  stop(): Promise<void> {
    return this.#server.end('SIGTERM');
  }

  /** Ends it with SIGKILL: what it has in memory is gone. */
  kill(): Promise<void> {
    return this.#server.end('SIGKILL');
  }

  /** It takes nothing and says nothing until {@link resume}. */
  pause(): void {
    this.#server.pause();
  }

  resume(): void {
    this.#server.resume();
  }

  /** Ends the broker and removes its files. */
  close(): Promise<void> {
    return this.#server.close();
  }
}
