import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UbusClient } from 'openwrt-ubus';
import { startHelper } from './child.js';
import type { Options } from './options.js';
import { repeated, type Spread } from './pairs.js';

export interface UbusResult {
  /** Who passes the messages on. */
  readonly broker: 'embedded' | 'ubusd';
  /** Calls a second, each begun when the one before has its answer. */
  readonly alone: Spread;
  /** Calls a second with {@link inFlight} under way at any time. */
  readonly together: Spread;
}

export const inFlight = 32;

/** Calls of a method that answers with its arguments: caller, broker and callee are three processes. */
export async function measureUbus({ quick }: Options): Promise<UbusResult[]> {
  const results = [await through('embedded', quick)];
  if (process.env.UBUSD) results.push(await through('ubusd', quick));
  return results;
}

async function through(broker: UbusResult['broker'], quick: boolean): Promise<UbusResult> {
  const dir = mkdtempSync(join(tmpdir(), 'turnpike-bench-'));
  const socket = join(dir, 'ubus.sock');
  const stop = broker === 'embedded' ? await startEmbedded(socket) : await startUbusd(socket);
  const echo = await startHelper('ubus-child.js', ['echo', socket]);
  const client = new UbusClient({ socket });
  await client.connect();
  try {
    const ms = quick ? 500 : 2000;
    const rounds = quick ? 3 : 7;
    await callsASecond(client, inFlight, ms);
    const alone = await repeated(rounds, () => callsASecond(client, 1, ms / 2));
    const together = await repeated(rounds, () => callsASecond(client, inFlight, ms));
    return { broker, alone, together };
  } finally {
    client.close();
    await echo.stop();
    await stop();
    rmSync(dir, { recursive: true, force: true });
  }
}

/** Keeps `lanes` calls under way for `ms`. */
async function callsASecond(client: UbusClient, lanes: number, ms: number): Promise<number> {
  const started = performance.now();
  let calls = 0;
  const lane = async () => {
    while (performance.now() - started < ms) {
      const reply = await client.call('echo', 'say', { n: calls });
      if (reply?.n === undefined) throw new Error('echo did not answer');
      calls += 1;
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return (calls * 1000) / (performance.now() - started);
}

async function startEmbedded(socket: string): Promise<() => Promise<void>> {
  const helper = await startHelper('ubus-child.js', ['broker', socket]);
  return () => helper.stop();
}

async function startUbusd(socket: string): Promise<() => Promise<void>> {
  const child: ChildProcess = spawn(process.env.UBUSD!, ['-s', socket], { stdio: 'inherit' });
  while (!(await listens(socket))) await new Promise((resolve) => setTimeout(resolve, 5));
  return async () => {
    const ended = once(child, 'exit');
    child.kill();
    await ended;
  };
}

function listens(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createConnection(path, () => resolve(true));
    probe.once('error', () => resolve(false));
    probe.once('connect', () => probe.destroy());
  });
}
