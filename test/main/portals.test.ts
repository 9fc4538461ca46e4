// Portals that a reload takes out of the configuration of the real daemon, changes, and puts back.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { SimulatedPortal } from '../../packages/simulators/portal.js';
import { opennds } from '../../src/portals/opennds/dialect.js';
import { type DaemonProcess, shop, startProcess } from '../daemon.js';
import { mac } from '../engine/world.js';

const dir = mkdtempSync(join(tmpdir(), 'turnpike-'));
const socket = join(dir, 'nds.sock');
const portal = new SimulatedPortal(opennds, socket);
const who = mac(1);
/** A configuration without any portal is refused. */
const other = `config gateway 'other'\n\toption type 'opennds'\n\toption socket '${join(dir, 'other.sock')}'\n`;
const sections = (lan: readonly string[] = []) => shop(socket, lan) + other;
let daemon: DaemonProcess;

test.before(async () => {
  await portal.start();
  daemon = await startProcess(sections());
  portal.join(who, '10.0.0.1');
  const payment = { method: 'cash', reference: 'r' };
  const order = { mac: who, plan: 'data', steps: 100, payment, idempotency_key: 'k', gateway: 'lan' };
  await daemon.call('purchase', order);
});

test.after(async () => {
  await daemon?.close();
  await portal.stop();
  rmSync(dir, { recursive: true });
});

async function reload(lan: readonly string[]): Promise<unknown> {
  daemon.configure(sections(lan));
  assert.is((await daemon.call('reload')).applied, true);
  return (await daemon.call('session', { mac: who })).state;
}

test('other settings of a portal: its gates stay open', async () => {
  assert.is(await reload(["poll_max '5s'"]), 'active');
  assert.ok(portal.isOpen(who));
});

test('a portal that is switched off shuts the gates that were paid for, and opens them when it is on again', async () => {
  portal.carry(who, 1_024, 2_048);
  assert.is(await reload(["enabled '0'"]), 'suspended');
  assert.not(portal.isOpen(who));
  const { up_bytes, down_bytes } = await daemon.call('session', { mac: who });
  assert.equal([up_bytes, down_bytes], [1_024, 2_048]);
  portal.join(who, '10.0.0.1');
  await reload([]);
  const deadline = performance.now() + 30_000;
  while (!portal.isOpen(who)) {
    assert.ok(performance.now() < deadline, daemon.log());
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
});

test.run();
