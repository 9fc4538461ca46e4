// The daemon as a process of its own, from the bundle, and a bus to talk to it.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UbusBroker } from '../src/ubus/broker.js';
import { UbusClient } from '../src/ubus/client.js';
import type { Table } from '../src/ubus/value.js';

const bundle = join(process.cwd(), 'dist', 'turnpike.mjs');

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
  call(method: string, args?: Table): Promise<Table>;
  /** Resolves with the first notification, past or to come, that `is` says yes to. */
  hear(is: (heard: Heard) => boolean): Promise<Heard>;
  start(): Promise<void>;
  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null>;
  log(): string;
  /** Of the process that runs, or ran last. */
  pid(): number;
  close(): Promise<void>;
}

/**
 * Starts a broker and a daemon on it. `sections`: gateways, plans and methods of its configuration; the section `main`
 * is made here. `flags` are Node's own.
 */
export async function startProcess(sections: string, flags: readonly string[] = []): Promise<DaemonProcess> {
  const dir = mkdtempSync(join(tmpdir(), 'turnpike-'));
  const socket = join(dir, 'ubus.sock');
  const config = join(dir, 'turnpike');
  writeFileSync(
    config,
    `config turnpike 'main'\n\toption directory '${join(dir, 'state')}'\n\toption socket '${socket}'\n\toption flush_interval '2s'\n${sections}`,
  );
  const broker = new UbusBroker(socket);
  await broker.start();
  const bus = new UbusClient({ socket });
  await bus.connect();
  const heard: Heard[] = [];
  const waiting = new Set<(one: Heard) => void>();
  await bus.subscribe('turnpike', (type, data) => {
    heard.push({ type, data });
    for (const wait of waiting) wait({ type, data });
  });
  let child: ChildProcess | undefined;
  let log = '';

  const start = async () => {
    const began = log.length;
    child = spawn(process.execPath, [...flags, bundle, 'run', '--config', config], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const up = new Promise<void>((resolve, reject) => {
      child!.stderr!.on('data', (chunk) => {
        log += chunk;
        if (log.slice(began).includes('is up:')) resolve();
      });
      child!.once('exit', (code) => reject(new Error(`the daemon ended with ${code}: ${log}`)));
    });
    await up;
  };
  const end = async (signal: 'SIGTERM' | 'SIGKILL') => {
    if (!child || child.exitCode !== null || child.signalCode !== null) return null;
    const ended = new Promise<number | null>((resolve) => child!.once('exit', resolve));
    child.kill(signal);
    return ended;
  };
  const call = async (method: string, args: Table = {}) => (await bus.call('turnpike', method, args)) ?? {};
  const self: DaemonProcess = {
    dir,
    socket,
    bus,
    heard,
    call,
    hear: (is) =>
      new Promise((resolve) => {
        const past = heard.find(is);
        if (past) return resolve(past);
        const wait = (one: Heard) => {
          if (!is(one)) return;
          waiting.delete(wait);
          resolve(one);
        };
        waiting.add(wait);
      }),
    start,
    end,
    log: () => log,
    pid: () => child?.pid ?? 0,
    async close() {
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
