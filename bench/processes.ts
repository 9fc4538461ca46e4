import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deviceAt } from '../packages/simulators/device.js';

import { MeterPool } from '../src/portals/metering/pool.js';
import { opennds } from '../src/portals/opennds/dialect.js';
import { usualSocket } from '../src/portals/opennds/usual-socket.js';
import { startHelper } from './child.js';
import type { Options } from './options.js';
import { type Pair, pairs, timed } from './pairs.js';

export interface ProcessResult {
  readonly clients: number;
  /** What was run for each client. */
  readonly process: string;
  /** Milliseconds: `a` for a process for each client, `b` for one poll for all. */
  readonly ms: Pair;
}

/** Asks for one client; the path of the socket is its argument. */
const smallest = `require('net').connect(process.argv[1]).on('data', (d) => process.stdout.write(d)).end('json ' + process.argv[2] + '\\n')`;

/** One poll for all clients against one `ndsctl json MAC` for each, one after the other as the portal wants it. */
export async function measureProcesses({ quick }: Options): Promise<ProcessResult[]> {
  const dir = mkdtempSync(join(tmpdir(), 'turnpike-bench-'));
  try {
    const results: ProcessResult[] = [];
    for (const clients of quick ? [50] : [50, 250]) results.push(await compare(dir, clients, quick ? 2 : 3));
    return results;
  } finally {
    rmSync(dir, { recursive: true });
  }
}

async function compare(dir: string, clients: number, rounds: number): Promise<ProcessResult> {
  // The real ndsctl knows one place only; where a portal is at work there, it is left alone.
  const usual = usualSocket();
  const ndsctl = !existsSync(usual) && existsSync('/usr/bin/ndsctl');
  const socket = ndsctl ? usual : join(dir, 'ndsctl.sock');
  const portal = await startHelper('portal-child.js', [socket, 'opennds', String(clients)]);
  const worker = new URL('../workers/poll.js', import.meta.url);
  const pool = new MeterPool({ worker, threads: 1 });
  const meter = pool.meter({ target: { transport: 'socket', path: socket }, dialect: opennds });
  const each = async () => {
    for (let i = 0; i < clients; i++) await askOne(ndsctl, socket, deviceAt(i).mac);
  };
  const all = async () => {
    const outcome = await meter.poll();
    if (!outcome.ok || outcome.clients !== clients) throw new Error('the poll did not give all clients');
  };
  try {
    for (let i = 0; i < 20; i++) await all();
    const ms = await pairs(
      rounds,
      () => timed(each),
      () => timed(all),
    );
    return { clients, process: ndsctl ? 'ndsctl of openNDS' : 'the smallest Node process', ms };
  } finally {
    await pool.close();
    await portal.stop();
    rmSync(socket, { force: true });
  }
}

function askOne(ndsctl: boolean, socket: string, mac: string): Promise<void> {
  const [file, args] = ndsctl
    ? ['/usr/bin/ndsctl', ['json', mac]]
    : [process.execPath, ['-e', smallest, socket, mac]];
  return new Promise((resolve, reject) => {
    execFile(file, args, (cause, stdout) => {
      if (cause || !stdout.includes(mac))
        reject(new Error(`no reply for ${mac}: ${cause?.message ?? stdout}`));
      else resolve();
    });
  });
}
