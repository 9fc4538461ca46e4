// The daemon as a process of its own, from the bundle, and a bus to talk to it.
import { type ChildProcess, spawn } from 'node:child_process';
import { chownSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Table } from 'openwrt-ubus';
import { UbusClient } from 'openwrt-ubus';
import { UbusBroker } from '../../packages/simulators/broker/broker.js';
import type { Dialect } from '../../src/domain/dialect.js';
import { inTime, witnesses } from './until.js';

/** Time limit of a call that is never answered, in ms. It measures no speed: waits have a limit of their own. */
const callTimeoutMs = 300_000;

const bundle = join(process.cwd(), 'dist', 'turnpike.mjs');

const command = readFileSync('files/usr/bin/turnpike', 'utf8');

/** Node's own flags, as the package starts the daemon. */
export const routerFlags = /^flags='(.+)'$/m.exec(command)![1]!.split(' ');
/** Those that it has beside them on a router with less than 512 MB of memory. */
export const smallRouterFlags = /flags="\$flags (.+)"$/m.exec(command)![1]!.split(' ');

/** One line of data for each notification of the object. */
export interface Heard {
  readonly type: string;
  readonly data: Table;
}

export interface DaemonProcess {
  readonly dir: string;
  readonly socket: string;
  readonly bus: UbusClient;
  readonly heard: Heard[];
  /** Told of each notification instead of keeping it: for long runs. */
  onHeard: ((heard: Heard) => void) | undefined;
  call(method: string, args?: Table): Promise<Table>;
  /** Resolves with the first notification, past or to come, that `is` says yes to. */
  hear(is: (heard: Heard) => boolean): Promise<Heard>;
  start(): Promise<void>;
  /** Writes other sections for the next `reload` or start. */
  configure(sections: string): void;
  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null>;
  log(): string;
  /** Resident memory of the process, in MiB. */
  rss(): number;
  /** Of the process that runs, or ran last. */
  pid(): number;
  close(): Promise<void>;
}

/**
 * A shop that sells data by the megabyte and time by the second for cash, on the portal behind this control socket.
 * @param gateway more options of the portal's section, a line each
 */
export function shop(
  socket: string,
  gateway: readonly string[] = [],
  type: Dialect['name'] = 'opennds',
): string {
  const options = gateway.map((option) => `\toption ${option}\n`).join('');
  return `config gateway 'lan'
	option type '${type}'
	option socket '${socket}'
${options}config plan 'data'
	option metric 'bytes'
	option step '1 MB'
	list price '0.05 USD'
config plan 'time'
	option metric 'time'
	option step '1s'
	list price '0.01 USD'
config method 'cash'
	list currency 'USD 2'
`;
}

export interface ProcessOptions {
  /** Where the journal is. @default a directory of its own, taken away at the end */
  readonly state?: string;
  /** @default 2s */
  readonly flushInterval?: string;
  /** A program that works in the network namespace of the test. @default none, and no backstop */
  readonly nft?: string;
  /** A process in whose network the daemon is. @default this one */
  readonly network?: number;
  /** The port of its page. @default none */
  readonly page?: number;
  /** The file of the secrets. @default none */
  readonly secrets?: string;
  /** Of Node itself. */
  readonly flags?: readonly string[];
  /** A directory in the place of `/proc`, of a simulated portal. */
  readonly proc?: string;
  /** A user, by number, as whom it runs with CAP_NET_ADMIN alone. @default this one, with all that it may */
  readonly user?: number;
}

/**
 * Starts a broker and a daemon on it. `sections`: portals, plans and payment methods of its configuration; the section
 * `main` is made here.
 */
export async function startProcess(sections: string, options: ProcessOptions = {}): Promise<DaemonProcess> {
  const dir = mkdtempSync(join(tmpdir(), 'turnpike-'));
  const socket = join(dir, 'ubus.sock');
  const config = join(dir, 'turnpike');
  const main = {
    directory: options.state ?? join(dir, 'state'),
    socket,
    flush_interval: options.flushInterval ?? '2s',
    backstop: options.nft === undefined ? '0' : '1',
    nft: options.nft ?? '/dev/null',
    ...(options.page !== undefined && { page_port: options.page }),
  };
  const lines = Object.entries(main).map(([name, value]) => `\toption ${name} '${value}'\n`);
  const configure = (given: string) =>
    writeFileSync(config, `config turnpike 'main'\n${lines.join('')}${given}`);
  configure(sections);
  if (options.secrets !== undefined) writeFileSync(`${config}_secrets`, options.secrets);
  const broker = new UbusBroker(socket);
  await broker.start();
  const theirs = [dir, socket, config, ...(options.secrets === undefined ? [] : [`${config}_secrets`])];
  const command = options.user === undefined ? [process.execPath] : asUser(options.user, dir, theirs);
  const bus = new UbusClient({ socket, callTimeoutMs });
  await bus.connect();
  const heard: Heard[] = [];
  const waiting = new Set<(one: Heard) => void>();
  await bus.subscribe('turnpike', (type, data) => {
    if (self.onHeard) return self.onHeard({ type, data });
    heard.push({ type, data });
    for (const wait of waiting) wait({ type, data });
  });
  let child: ChildProcess | undefined;
  let log = '';

  const seenLog = () => log;
  witnesses.add(seenLog);
  const start = async () => {
    const began = log.length;
    const program = options.user === undefined ? bundle : join(dir, 'dist', 'turnpike.mjs');
    const enter =
      options.network === undefined ? [] : ['nsenter', '--target', `${options.network}`, '--net', '--'];
    const node = [...command, ...(options.flags ?? [])];
    const [file, ...args] = [...enter, ...node, program, 'run', '--config', config];
    child = spawn(file!, args, {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, ...(options.proc !== undefined && { TURNPIKE_PROC: `${options.proc}:/proc` }) },
    });
    const up = new Promise<void>((resolve, reject) => {
      child!.stderr!.on('data', (chunk) => {
        log += chunk;
        if (log.slice(began).includes('is up:')) resolve();
      });
      child!.once('exit', (code) => reject(new Error(`the daemon ended with ${code}: ${log}`)));
    });
    await inTime('the daemon', up);
  };
  const end = async (signal: 'SIGTERM' | 'SIGKILL') => {
    if (!child || child.exitCode !== null || child.signalCode !== null) return null;
    const ended = new Promise<number | null>((resolve) => child!.once('exit', resolve));
    child.kill(signal);
    return ended;
  };
  const call = async (method: string, args: Table = {}) => (await bus.call('turnpike', method, args)) ?? {};
  const self: DaemonProcess = {
    configure,
    dir,
    socket,
    bus,
    heard,
    onHeard: undefined,
    call,
    hear: (is) => {
      const past = heard.find(is);
      if (past) return Promise.resolve(past);
      const next = new Promise<Heard>((resolve) => {
        const wait = (one: Heard) => {
          if (!is(one)) return;
          waiting.delete(wait);
          resolve(one);
        };
        waiting.add(wait);
      });
      return inTime(`a notification with ${is}`, next, () => heard.map(({ type }) => type).join(' '));
    },
    start,
    end,
    log: seenLog,
    rss: () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child?.pid}/status`, 'utf8'))?.[1]) / 1024,
    pid: () => child?.pid ?? 0,
    async close() {
      witnesses.delete(seenLog);
      await end('SIGTERM');
      bus.close();
      await broker.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
  try {
    await start();
  } catch (cause) {
    await self.close();
    throw cause;
  }
  return self;
}

/**
 * Gives a user what is `theirs`, and a copy of the program in `dir`: a checkout may be where others cannot go.
 * @returns Node as that user, with the capability that `option drop_root` leaves
 */
function asUser(user: number, dir: string, theirs: readonly string[]): string[] {
  cpSync(join(process.cwd(), 'dist'), join(dir, 'dist'), { recursive: true });
  for (const path of theirs) chownSync(path, user, user);
  const ids = [`--reuid=${user}`, `--regid=${user}`, '--clear-groups', '--no-new-privs'];
  const sets = ['inh-caps', 'ambient-caps', 'bounding-set'].map((set) => `--${set}=-all,+net_admin`);
  // As files/usr/lib/turnpike/start does it.
  const list = '/proc/net/nf_conntrack';
  const hand = ['sh', '-c', `[ ! -r ${list} ] || exec 3<${list}; exec "$@"`, 'sh'];
  return [...hand, 'setpriv', ...ids, ...sets, '--', process.execPath];
}
