// The configuration is applied again while the last time is not over, and the daemon is ended in the middle of sales.
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
const socket = join(dir, 'nds.sock');
const portal = new SimulatedPortal(opennds, socket);
let daemon: DaemonProcess;

const purchase = (n: number) => ({
  ...{ mac: mac(n), plan: 'data', steps: 100, gateway: 'lan' },
  payment: { method: 'cash', reference: 'r' },
  idempotency_key: `k${n}`,
});

test.before(async () => {
  await portal.start();
  daemon = await startProcess(shop(socket));
});

test.after(async () => {
  await daemon?.close();
  await portal.stop();
  rmSync(dir, { recursive: true });
});

test('thirty reloads at once bill every byte once, and lose no portal', async () => {
  portal.join(mac(1), '10.0.0.1');
  await daemon.call('purchase', purchase(1));
  const reloads: Promise<unknown>[] = [];
  for (let i = 0; i < 30; i++) {
    daemon.configure(shop(socket, [`poll_max '${1000 + i}ms'`]));
    portal.carry(mac(1), 40 * 1024, 60 * 1024);
    reloads.push(daemon.call('reload'));
  }
  for (const reply of await Promise.all(reloads)) assert.equal(reply, { applied: true });
  const { gateways } = (await daemon.call('status')) as { gateways: { name: string; state: string }[] };
  assert.equal(
    gateways.map(({ name, state }) => [name, state]),
    [['lan', 'up']],
  );
  const closed = await daemon.call('close', { mac: mac(1) });
  assert.equal([closed.up_bytes, closed.down_bytes], [30 * 40 * 1024, 30 * 60 * 1024]);
});

test('what a reload cannot change is named, for as long as the daemon runs with something else', async () => {
  daemon.configure(
    shop(socket).replace("config gateway 'lan'", "\toption router 'other'\nconfig gateway 'lan'"),
  );
  assert.equal(await daemon.call('reload'), { applied: true, needs_restart: ['router'] });
  assert.equal(await daemon.call('reload'), { applied: true, needs_restart: ['router'] });
  daemon.configure(shop(socket));
  assert.equal(await daemon.call('reload'), { applied: true });
});

test('a faulty configuration is refused, and the log says what is wrong with it', async () => {
  daemon.configure(shop(socket).replace("'0.05 USD'", "'cheap'"));
  const refused = (await daemon.call('reload')) as { applied: boolean; faults: unknown[] };
  assert.equal([refused.applied, refused.faults.length], [false, 1]);
  assert.match(daemon.log(), /configuration: .*: price: .*'cheap'/);
});

test('sales that are under way when the daemon is told to end are answered', async () => {
  daemon.configure(shop(socket));
  await daemon.call('reload');
  for (let n = 11; n <= 15; n++) portal.join(mac(n), `10.0.1.${n}`);
  portal.faults.delayMs = 30;
  const sales = [11, 12, 13, 14, 15].map((n) => daemon.call('purchase', purchase(n)));
  const answered = Promise.all(sales);
  // Its answer comes after the daemon has taken in the five.
  await daemon.call('status');
  const ended = daemon.end('SIGTERM');
  assert.equal(
    (await answered).map((session) => 'error' in session),
    [false, false, false, false, false],
  );
  assert.is(await ended, 0);
  portal.faults.delayMs = 0;
  await daemon.start();
});

test.run();
