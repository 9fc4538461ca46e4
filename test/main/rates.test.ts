// Rates where the kernel cannot keep them.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { SimulatedPortal } from '../../packages/simulators/portal.js';
import { opennds } from '../../src/portals/opennds/dialect.js';
import { mac } from '../engine/world.js';
import { type DaemonProcess, shop, startProcess } from '../rig/daemon.js';

const dir = mkdtempSync(join(tmpdir(), 'turnpike-'));
const portal = new SimulatedPortal(opennds, join(dir, 'nds.sock'));
let daemon: DaemonProcess;

test.after(async () => {
  await daemon?.close();
  await portal.stop();
  rmSync(dir, { recursive: true });
});

test('with nft missing openNDS is told the rates of the plan', async () => {
  await portal.start();
  const plan = `config plan 'slow'
	option metric 'bytes'
	option step '1 MB'
	list price '0.05 USD'
	option up_rate '512'
	option down_rate '2 Mbit'
`;
  daemon = await startProcess(shop(join(dir, 'nds.sock')) + plan, { nft: join(dir, 'nft') });
  portal.join(mac(1), '10.0.0.1');
  const payment = { method: 'cash', reference: 'r' };
  const order = { mac: mac(1), plan: 'slow', steps: 5, payment, idempotency_key: 'k' };
  assert.is((await daemon.call('purchase', order)).state, 'active', daemon.log());
  assert.equal(portal.ratesOf(mac(1)), { up: 512, down: 2000 });
  assert.is(((await daemon.call('status')).backstop as { state: string }).state, 'missing');
});

test.run();
