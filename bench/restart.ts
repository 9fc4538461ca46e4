import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeMany } from '../test/many/journal.js';
import { routerFlags } from '../test/rig/daemon.js';
import { until } from '../test/rig/until.js';
import { grown, leaveTime, sizeOf } from '../test/system/rig/left.js';
import { OwnShop } from '../test/system/rig/own-shop.js';
import { Steady, startEcho } from '../test/system/rig/steady.js';
import { cpuOf } from './costs.js';
import { hasKernel } from './has-kernel.js';
import type { Options } from './options.js';
import { type Spread, spreadOf } from './pairs.js';

/** Time that a session has left when the books are read, in ms, one for each start: it ends in another part of it. */
const left = [0, 150, 400, 800, 1_600];
/** Devices of the journal begin behind those of the clients' rooms. */
const mostClients = 1_000;

/** A start after a kill with the table in the kernel and real packets. Times are in ms. */
export interface RestartResult {
  readonly sessions: number;
  /** CPU of the daemon until it is up, without nft's. */
  readonly cpu: Spread;
  /** How long after the end of its time the last packet of a session came back. */
  readonly late: Spread;
  /** Packets of a customer who has paid that did not come back, and of all that were sent. */
  readonly lost: number;
  readonly sent: number;
}

/** Undefined where there are no namespaces or no nft; a daemon that does not start there is a failure. */
export async function measureRestart({ quick }: Options): Promise<RestartResult | undefined> {
  if (!(await hasKernel())) return undefined;
  const sessions = quick ? 1_000 : 9_700;
  const dir = mkdtempSync(join(tmpdir(), 'turnpike-bench-'));
  const state = join(dir, 'state');
  let shop: OwnShop | undefined;
  try {
    await writeMany(state, sessions, Date.now(), true, mostClients);
    shop = await OwnShop.open(2, [], undefined, { state, flags: routerFlags });
    return await measure(shop, state, sessions);
  } finally {
    await shop?.close();
    rmSync(dir, { recursive: true, force: true });
  }
}

async function measure(shop: OwnShop, state: string, sessions: number): Promise<RestartResult> {
  const [, wan, paying, leaving] = shop.rooms;
  await startEcho(wan!);
  await shop.sell(shop.clients[0]!, 1_000);
  const paid = new Steady(paying!);
  await paid.goesOn();
  const [cpu, late]: [number[], number[]] = [[], []];
  for (const leftMs of left) {
    const { id } = await shop.sell(shop.clients[1]!, 1_000, 'time');
    const stream = new Steady(leaving!);
    await stream.goesOn();
    await shop.daemon.end('SIGKILL');
    await leaveTime(state, String(id), leftMs);
    const read = grown(state, sizeOf(state));
    await shop.daemon.start();
    cpu.push(cpuOf(shop.daemon.pid()));
    await until('closed', async () => (await shop.session(id)).state === 'expired');
    const { lastAt } = await stream.stop(true);
    late.push(lastAt - (await read) - leftMs);
  }
  const { sent, back } = await paid.stop(true);
  return { sessions, cpu: spreadOf(cpu), late: spreadOf(late), lost: sent - back, sent };
}
