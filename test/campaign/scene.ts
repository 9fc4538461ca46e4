import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SimulatedPortal } from '../../packages/simulators/portal.js';
import type { Dialect } from '../../src/domain/dialect.js';
import type { Mac } from '../../src/domain/mac.js';
import { type DaemonProcess, startProcess } from '../rig/daemon.js';
import { seeded } from '../rig/random.js';

/** How a campaign is run. */
export interface Plan {
  readonly dialect: Dialect;
  readonly crashes: number;
  readonly seed: number;
}

const flushMs = 1000;
/** A flush that is due takes its time: the window in which usage may get lost. */
export const windowMs = flushMs + 500;
export const stepSize = 64_000;
const byteCustomers = 12;
const timeCustomers = 3;
/** Somebody who never pays. */
export const stranger = '02:66:00:00:00:01' as Mac;

export const macs = Array.from(
  { length: byteCustomers + timeCustomers },
  (_, i) => `02:55:00:00:00:${i.toString(16).padStart(2, '0')}` as Mac,
);
export const byTime = new Set(macs.slice(byteCustomers));

const sections = (portal: string, dialect: Dialect) => `
config gateway 'lan'
	option type '${dialect.name}'
	option socket '${portal}'
	option poll_min '50ms'
	option poll_max '250ms'
	option poll_share '90'
config plan 'bytes'
	option metric 'bytes'
	option step '${stepSize}'
	list price '0.01 USD'
config plan 'time'
	option metric 'time'
	option step '60s'
	option pause_away '1'
	list price '0.01 USD'
config method 'cash'
	list currency 'USD 2'
`;

/** What is started once and survives every kill of the daemon. */
export interface Scene {
  /** The portal's control socket. */
  readonly socket: string;
  readonly portal: SimulatedPortal;
  readonly daemon: DaemonProcess;
  end(): Promise<void>;
}

/** Starts the portal and the daemon, in directories of their own. */
export async function startScene({ dialect, seed }: Plan): Promise<Scene> {
  const dir = mkdtempSync(join(tmpdir(), 'turnpike-campaign-'));
  const socket = join(dir, 'portal.sock');
  const portal = new SimulatedPortal(dialect, socket, seeded(seed + 2));
  const end = async () => {
    await portal.stop();
    rmSync(dir, { recursive: true, force: true });
  };
  try {
    await portal.start();
    const daemon = await startProcess(sections(socket, dialect), { flushInterval: `${flushMs}ms` });
    return { socket, portal, daemon, end: () => daemon.close().finally(end) };
  } catch (cause) {
    await end();
    throw cause;
  }
}
