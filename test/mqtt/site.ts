import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Table } from 'openwrt-ubus';
import type { test } from 'uvu';
import { SimulatedPortal } from '../../packages/simulators/portal.js';

import type { Mac } from '../../src/domain/mac.js';
import { opennds } from '../../src/portals/opennds/dialect.js';
import { type DaemonProcess, shop } from '../rig/daemon.js';

export const macOf = (n: number): Mac => `02:53:00:00:00:${n.toString(16).padStart(2, '0')}` as Mac;

/** A portal whose customers a daemon reports to a broker. */
export interface Site {
  /** For files of the tests. */
  readonly dir: string;
  readonly portal: SimulatedPortal;
  /** What a test has opened: closed after it, however it ended. */
  opening<T extends { close(): Promise<void> }>(one: T): T;
  /** The daemon's configuration, with more options of the section `mqtt`. */
  sections(url: string, ...options: string[]): string;
  /** Sells 900 MB to the customer of this number. @returns the session's id */
  sell(daemon: DaemonProcess, n: number): Promise<string>;
}

/** Makes a site for a file of tests, and takes it away after them. */
export function siteFor(tests: typeof test): Site {
  const dir = mkdtempSync(join(tmpdir(), 'turnpike-mqtt-'));
  const portal = new SimulatedPortal(opennds, join(dir, 'nds.sock'));
  const opened: { close(): Promise<void> }[] = [];
  let keys = 0;
  tests.before(() => portal.start());
  tests.after.each(async () => {
    for (const one of opened.splice(0).reverse()) await one.close();
  });
  tests.after(async () => {
    await portal.stop();
    rmSync(dir, { recursive: true });
  });
  return {
    dir,
    portal,
    opening(one) {
      opened.push(one);
      return one;
    },
    sections(url, ...options) {
      const all = ["enabled '1'", `url '${url}'`, "interval '1s'", ...options];
      const lines = all.map((option) => `\toption ${option}\n`).join('');
      return `${shop(join(dir, 'nds.sock'), ["poll_max '300ms'"])}config mqtt 'mqtt'\n${lines}`;
    },
    async sell(daemon, n) {
      keys += 1;
      portal.join(macOf(n), `10.53.0.${n}`);
      const payment = { method: 'cash', reference: 'till' };
      const order = { mac: macOf(n), plan: 'data', steps: 900, payment, idempotency_key: `k${keys}` };
      return String((await daemon.call('purchase', order)).id);
    },
  };
}

/** How the broker stands, by `status`. */
export async function sinkOf(daemon: DaemonProcess): Promise<Table> {
  return ((await daemon.call('status')).sinks as Table[])[0]!;
}
