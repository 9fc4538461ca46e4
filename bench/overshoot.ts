import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deviceAt } from '../packages/simulators/device.js';
import { type DaemonProcess, startProcess } from '../test/rig/daemon.js';
import { type Helper, startHelper } from './child.js';
import type { Options } from './options.js';
import { type Spread, spreadOf } from './pairs.js';

export interface OvershootResult {
  readonly capBytes: number;
  readonly bytesPerSecond: number;
  readonly sessions: number;
  /** Bytes beyond the cap, as a share of it. */
  readonly share: Spread;
}

const capBytes = 50_000_000;
/** 100 Mbit/s. */
const bytesPerSecond = 12_500_000;
/** A packet of 1500 bytes comes every 0.12 ms; this is as close as a timer of Node comes. */
const tickMs = 1;

/** How far a client at full speed gets past its data cap with no help from the portal: the daemon from the bundle. */
export async function measureOvershoot({ quick }: Options): Promise<OvershootResult> {
  const dir = mkdtempSync(join(tmpdir(), 'turnpike-bench-'));
  const socket = join(dir, 'ndsctl.sock');
  const traffic = await startHelper('traffic-child.js', [socket, String(bytesPerSecond), String(tickMs)]);
  const daemon = await startProcess(
    `config gateway 'lan'\n\toption type 'opennds'\n\toption socket '${socket}'\n` +
      `config plan 'cap'\n\toption metric 'bytes'\n\toption step '${capBytes / 1e6} MB'\n\tlist price '1 USD'\n` +
      `config method 'cash'\n\tlist currency 'USD 2'\n`,
  );
  try {
    const shares: number[] = [];
    const rounds = quick ? 2 : 12;
    for (let i = 0; i < rounds; i++) shares.push((await useUp(daemon, traffic, i)) / capBytes - 1);
    return { capBytes, bytesPerSecond, sessions: rounds, share: spreadOf(shares) };
  } finally {
    await daemon.close();
    await traffic.stop();
    rmSync(dir, { recursive: true });
  }
}

/** One client buys, runs at full speed and is cut off. @returns bytes that passed its gate. */
async function useUp(daemon: DaemonProcess, traffic: Helper, i: number): Promise<number> {
  const { mac, ip } = deviceAt(i);
  await traffic.ask({ join: [{ mac, ip }] });
  const { id, error } = await daemon.call('purchase', {
    mac,
    plan: 'cap',
    payment: { method: 'cash', reference: 'till' },
    idempotency_key: mac,
  });
  if (!id) throw new Error(`nothing was sold: ${JSON.stringify(error)}`);
  await daemon.hear(({ type, data }) => type === 'session.closed' && data.id === id);
  return traffic.ask<number>({ served: mac });
}
