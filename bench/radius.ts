import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../src/clock.js';
import type { Attribute } from '../src/radius/attributes.js';
import { RadiusClient } from '../src/radius/client.js';
import { UdpTransport } from '../src/radius/udp.js';
import { FreeRadius } from '../test/system/rig/freeradius.js';
import { runRadclient } from '../test/system/rig/radclient.js';
import type { Options } from './options.js';
import { type Pair, pairs } from './pairs.js';

export interface RadiusResult {
  /** Requests under way at any time, for both. */
  readonly parallel: number;
  /** Accounting requests a second: `a` by this client, `b` by radclient with its start. */
  readonly rate: Pair;
}

const parallel = 64;

/**
 * Accounting requests to a local FreeRADIUS that acknowledges them and writes nothing down: its detail file would be
 * what is measured. radclient sends 64 packets again and again, for it takes long over a file of many.
 */
export async function measureRadius({ quick }: Options): Promise<RadiusResult | undefined> {
  if (['freeradius', 'radclient'].some((program) => spawnSync(program, ['-v']).error)) {
    console.error('not measured: RADIUS, for there is no freeradius and radclient here');
    return undefined;
  }
  const server = await FreeRadius.start({ detail: false });
  const dir = mkdtempSync(join(tmpdir(), 'turnpike-bench-'));
  const packets = join(dir, 'packets');
  writeFileSync(packets, Array.from({ length: parallel }, (_, i) => packetOf(i)).join('\n'));
  const repeats = quick ? 100 : 400;
  try {
    const rate = await pairs(
      quick ? 3 : 7,
      () => perSecond(repeats, () => viaClient(server, repeats)),
      () => perSecond(repeats, () => viaRadclient(server, packets, repeats)),
    );
    return { parallel, rate };
  } finally {
    rmSync(dir, { recursive: true });
    await server.close();
  }
}

async function perSecond(repeats: number, work: () => Promise<void>): Promise<number> {
  const started = performance.now();
  await work();
  return (parallel * repeats * 1000) / (performance.now() - started);
}

async function viaClient({ acctPort, secret }: FreeRadius, repeats: number): Promise<void> {
  const servers = [{ host: '127.0.0.1', port: acctPort, secret }];
  const client = new RadiusClient({ servers, transport: new UdpTransport(), clock: systemClock });
  const lane = async (_: unknown, i: number) => {
    for (let n = 0; n < repeats; n++) {
      const outcome = await client.request({ code: 4, attributes: attributesOf(i) });
      if (!outcome.ok) throw new Error(outcome.detail);
    }
  };
  try {
    await Promise.all(Array.from({ length: parallel }, lane));
  } finally {
    client.close();
  }
}

async function viaRadclient(
  { acctPort, secret }: FreeRadius,
  packets: string,
  repeats: number,
): Promise<void> {
  const load = ['-q', '-p', String(parallel), '-c', String(repeats), '-f', packets];
  await runRadclient([...load, `127.0.0.1:${acctPort}`, 'acct', String(secret)]);
}

function attributesOf(i: number): Attribute[] {
  return [
    ['Acct-Status-Type', 3],
    ['Acct-Session-Id', `session-${i}`],
    ['User-Name', 'nemo'],
    ['Acct-Input-Octets', i],
    ['Acct-Output-Octets', 1_000_000 + i],
    ['Acct-Session-Time', 60],
  ];
}

/** The same in radclient's words. */
function packetOf(i: number): string {
  return `${attributesOf(i)
    .map(([name, value]) => `${name} = ${JSON.stringify(value)}`)
    .join('\n')}\n`;
}
