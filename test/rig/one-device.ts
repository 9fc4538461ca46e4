// What the tests of one file stand on: a portal that lists one device, and the daemon that a test starts on it.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Test } from 'uvu';
import { SimulatedPortal } from '../../packages/simulators/portal.js';
import { opennds } from '../../src/portals/opennds/dialect.js';
import { mac } from '../engine/world.js';
import { type DaemonProcess, type ProcessOptions, shop, startProcess } from './daemon.js';

export interface OneDevice {
  /** For files of the test; it goes with the last one. */
  readonly dir: string;
  /** The sections of a shop on the portal. */
  readonly shop: string;
  /** Starts a daemon, which ends with the last test. */
  start(sections: string, options?: ProcessOptions): Promise<DaemonProcess>;
}

/** Stands for all tests of a suite; the device is `mac(1)`. */
export function oneDevice(test: Test): OneDevice {
  const dir = mkdtempSync(join(tmpdir(), 'turnpike-'));
  const socket = join(dir, 'nds.sock');
  const portal = new SimulatedPortal(opennds, socket);
  let daemon: DaemonProcess | undefined;
  test.before(async () => {
    await portal.start();
    portal.join(mac(1), '10.0.0.1');
  });
  test.after(async () => {
    await daemon?.close();
    await portal.stop();
    rmSync(dir, { recursive: true });
  });
  const start = async (sections: string, options?: ProcessOptions) => {
    daemon = await startProcess(sections, options);
    return daemon;
  };
  return { dir, shop: shop(socket), start };
}
