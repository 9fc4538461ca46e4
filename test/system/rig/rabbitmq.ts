import { existsSync, readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { freeTcpPorts } from '../../rig/free-port.js';
import { Server } from './server.js';

const root = '/usr/lib/rabbitmq/lib';

/**
 * A RabbitMQ as Debian has it, with its plugin for MQTT 3.1.1, on a port of this machine's loopback.
 *
 * It is the first process of a PID namespace. So its port mapper, which goes into the background, ends with it.
 */
export class RabbitMq {
  readonly port: number;
  readonly #server: Server;

  private constructor(
    program: string,
    port: number,
    ports: { readonly mapper: number; readonly node: number },
  ) {
    this.port = port;
    this.#server = new Server({
      name: 'RabbitMQ',
      command: (dir) => [
        ...(['unshare', '--pid', '--fork', '--kill-child=KILL', 'env', '-i'] as const),
        ...Object.entries(settingsFor(dir, ports)).map(([name, value]) => `${name}=${value}`),
        // The number of this process is that of the machine: /proc is the machine's.
        ...['sh', '-c', 'read pid rest </proc/self/stat; echo "namespace $pid"; exec "$0"', program],
      ],
      ready: /completed with \d+ plugins/,
    });
  }

  /**
   * Ends with this process, however that ends.
   * @returns undefined where this machine has no RabbitMQ
   * @throws {@link RigError} `no-start`, and leaves nothing behind.
   */
  static async start(): Promise<RabbitMq | undefined> {
    const program = (existsSync(root) ? readdirSync(root) : [])
      .map((version) => join(root, version, 'sbin/rabbitmq-server'))
      .find((path) => existsSync(path));
    if (!program) return undefined;
    const [port, mapper, node] = await freeTcpPorts(3);
    const broker = new RabbitMq(program, port!, { mapper: mapper!, node: node! });
    const lines = [
      'listeners.tcp = none',
      `mqtt.listeners.tcp.1 = 127.0.0.1:${broker.port}`,
      'mqtt.allow_anonymous = true',
      // It takes nothing on a disk that is nearly full, and on a machine with little memory.
      'disk_free_limit.absolute = 1MB',
      'vm_memory_high_watermark.absolute = 1GB',
    ];
    await broker.#server.begin({
      'rabbitmq.conf': `${lines.join('\n')}\n`,
      enabled_plugins: '[rabbitmq_mqtt].\n',
    });
    return broker;
  }

  get url(): string {
    return `mqtt://127.0.0.1:${this.port}`;
  }

  /** Ends all that is in its namespace, and removes its files. */
  async close(): Promise<void> {
    const [, first] = /^namespace (\d+)$/m.exec(this.#server.log) ?? [];
    // `unshare` ends when all in there have.
    if (first !== undefined && isElsewhere(first)) process.kill(Number(first), 'SIGKILL');
    await this.#server.close();
  }
}

/** Whether this is a process in another PID namespace, and no later one of this machine with the same number. */
function isElsewhere(pid: string): boolean {
  const own = readlinkSync('/proc/self/ns/pid');
  try {
    return readlinkSync(`/proc/${pid}/ns/pid`) !== own;
  } catch {
    return false;
  }
}

/** Its environment: all its files are in `dir`, and nobody reaches it from elsewhere. */
function settingsFor(dir: string, { mapper, node }: { readonly mapper: number; readonly node: number }) {
  return {
    PATH: process.env.PATH,
    LC_ALL: 'C.UTF-8',
    // The secret of its node is there.
    HOME: dir,
    ERL_EPMD_ADDRESS: '127.0.0.1',
    ERL_EPMD_PORT: mapper,
    // The name of this machine may be one that nobody knows.
    RABBITMQ_NODENAME: 'rabbit@localhost',
    RABBITMQ_DIST_PORT: node,
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '-kernel inet_dist_use_interface {127,0,0,1}',
    RABBITMQ_CONF_ENV_FILE: `${dir}/none`,
    RABBITMQ_CONFIG_FILE: `${dir}/rabbitmq.conf`,
    RABBITMQ_ADVANCED_CONFIG_FILE: `${dir}/none`,
    RABBITMQ_GENERATED_CONFIG_DIR: `${dir}/config`,
    RABBITMQ_ENABLED_PLUGINS_FILE: `${dir}/enabled_plugins`,
    RABBITMQ_MNESIA_BASE: `${dir}/mnesia`,
    RABBITMQ_LOG_BASE: `${dir}/log`,
    RABBITMQ_LOGS: '-',
    ERL_CRASH_DUMP: '/dev/null',
  };
}
