import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, connect as dial } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RigError } from './room.js';

export interface MosquittoOptions {
  /** More lines of its configuration; `DIR` stands for its directory. */
  readonly lines?: readonly string[];
  /** Files of its directory. */
  readonly files?: Readonly<Record<string, string>>;
}

/** A real Mosquitto with a configuration of its own, on a port of this machine's loopback. */
export class Mosquitto {
  readonly port: number;
  readonly dir: string;
  #child: ChildProcess | undefined;
  #log = '';

  private constructor(dir: string, port: number) {
    this.dir = dir;
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
    const dir = mkdtempSync(join(tmpdir(), 'turnpike-mosquitto-'));
    const broker = new Mosquitto(dir, await freePort());
    for (const [name, text] of Object.entries(files)) writeFileSync(join(dir, name), text);
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
      `persistence_location ${dir}/`,
      'max_queued_messages 0',
      ...lines.map((line) => line.replaceAll('DIR', dir)),
    ];
    writeFileSync(join(dir, 'mosquitto.conf'), `${all.join('\n')}\n`);
    try {
      await broker.start();
    } catch (error) {
      rmSync(dir, { recursive: true });
      // uvu says nothing of what a `before` threw.
      console.error(`Mosquitto is not there: ${(error as Error).message}`);
      throw error;
    }
    return broker;
  }

  get url(): string {
    return `mqtt://127.0.0.1:${this.port}`;
  }

  /** What the broker said so far. */
  get log(): string {
    return this.#log;
  }

  /** Starts it again after {@link stop} or {@link kill}, on the same port. */
  async start(): Promise<void> {
    const arguments_ = ['--pdeathsig', 'KILL', 'mosquitto', '-c', join(this.dir, 'mosquitto.conf')];
    const child = spawn('setpriv', arguments_, { stdio: ['ignore', 'ignore', 'pipe'] });
    this.#child = child;
    const began = this.#log.length;
    const ready = new Promise<boolean>((resolve) => {
      child.stderr?.on('data', (chunk: Buffer) => {
        this.#log += chunk;
        if (/mosquitto version \S+ running/.test(this.#log.slice(began))) resolve(true);
      });
      child.once('error', () => resolve(false));
      child.once('exit', () => resolve(false));
    });
    if (!(await ready)) throw new RigError('no-start', `mosquitto ended: ${this.#log}`);
  }

  /** Ends it as its service does: it writes down what it has. */
  stop(): Promise<void> {
    return this.#end('SIGTERM');
  }

  /** Ends it with SIGKILL: what it has in memory is gone. */
  kill(): Promise<void> {
    return this.#end('SIGKILL');
  }

  /** It takes nothing and says nothing until {@link resume}. */
  pause(): void {
    this.#child?.kill('SIGSTOP');
  }

  resume(): void {
    this.#child?.kill('SIGCONT');
  }

  /** Ends the broker and removes its files. */
  async close(): Promise<void> {
    await this.stop();
    rmSync(this.dir, { recursive: true, force: true });
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGCONT');
    child.kill(signal);
    await ended;
  }
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** A way to a port that can be cut, or stop taking anything. */
export interface Way {
  readonly port: number;
  /** Octets go no further, and are not read: as behind a line that takes nothing. */
  stall(): void;
  flow(): void;
  /** Ends the connections, and takes no more until {@link open}. */
  cut(): void;
  open(): void;
  close(): Promise<void>;
}

export async function wayTo(target: number): Promise<Way> {
  const pairs = new Set<readonly [ReturnType<typeof dial>, ReturnType<typeof dial>]>();
  let [stalled, isOpen] = [false, true];
  const server = createServer((near) => {
    const far = dial(target, '127.0.0.1');
    const pair = [near, far] as const;
    pairs.add(pair);
    for (const [from, to] of [pair, [far, near] as const]) {
      from
        .on('error', () => {})
        .once('close', () => {
          pairs.delete(pair);
          to.destroy();
        });
      from.pipe(to);
      if (stalled) from.pause();
    }
    if (!isOpen) near.destroy();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const each = (act: (one: ReturnType<typeof dial>) => void) => {
    for (const pair of pairs) for (const one of pair) act(one);
  };
  return {
    port: (server.address() as AddressInfo).port,
    stall() {
      stalled = true;
      each((one) => one.unpipe().pause());
    },
    flow() {
      stalled = false;
      for (const [near, far] of pairs) {
        near.pipe(far);
        far.pipe(near);
      }
    },
    cut() {
      isOpen = false;
      each((one) => one.destroy());
    },
    open() {
      isOpen = true;
    },
    async close() {
      const closed = once(server, 'close');
      server.close();
      each((one) => one.destroy());
      await closed;
    },
  };
}
