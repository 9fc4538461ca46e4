// A portal and a journal of a router with many customers.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deviceAt } from '../../packages/simulators/device.js';
import { SimulatedPortal } from '../../packages/simulators/portal.js';
import { opennds } from '../../src/portals/opennds/dialect.js';
import { type DaemonProcess, routerFlags, startProcess } from '../rig/daemon.js';
import { seeded } from '../rig/random.js';
import { writeMany } from './journal.js';

export interface Scene {
  /** The directory of the journal. */
  readonly state: string;
  readonly portal: SimulatedPortal;
  readonly daemon: DaemonProcess;
}

/** Bytes of a step of the plan `data`. */
export const stepSize = 100_000;

const sections = (socket: string) => `config gateway 'lan'
	option type 'opennds'
	option socket '${socket}'
config plan 'day'
	option metric 'time'
	option step '24h'
	list price '1 USD'
config plan 'data'
	option metric 'bytes'
	option step '${stepSize}'
	list price '1 USD'
config method 'cash'
	list currency 'USD 2'
`;

/**
 * Runs `act` at a router on which `sessions` run.
 * @param flags of Node, beside the router's own, from where the journal will be
 */
export async function atRouter<T>(
  { sessions, seed }: { readonly sessions: number; readonly seed: number },
  act: (scene: Scene) => Promise<T>,
  flags: (state: string) => readonly string[] = () => [],
): Promise<T> {
  const dir = mkdtempSync(join(tmpdir(), 'turnpike-many-'));
  const [socket, state] = [join(dir, 'portal.sock'), join(dir, 'state')];
  await writeMany(state, sessions, Date.now());
  const portal = new SimulatedPortal(opennds, socket, seeded(seed + 1));
  for (let n = 0; n < sessions; n++) {
    const { mac, ip } = deviceAt(n);
    portal.join(mac, ip);
    portal.answer(`auth ${mac}`);
  }
  await portal.start();
  let daemon: DaemonProcess | undefined;
  try {
    daemon = await startProcess(sections(socket), { state, flags: [...routerFlags, ...flags(state)] });
    return await act({ state, portal, daemon });
  } finally {
    await daemon?.close();
    await portal.stop();
    rmSync(dir, { recursive: true, force: true });
  }
}
