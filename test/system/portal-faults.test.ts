// Faults that real portals can be brought to: killed, made to lag by others, a gate opened behind our back.
import { once } from 'node:events';
import { createConnection, type Socket } from 'node:net';
import type { Table } from 'openwrt-ubus';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

import { type DaemonProcess, shop, startProcess } from '../rig/daemon.js';
import { until } from '../rig/until.js';
import type { Client } from './rig/client.js';
import { ask } from './rig/portal.js';
import { portals } from './rig/portals.js';
import { type Rig, startRig } from './rig/rig.js';

let rig: Rig;
let daemon: DaemonProcess;
let keys = 0;

const one = (): Client => rig.clients[0]!;
const gateway = async () => ((await daemon.call('status')).gateways as Table[])[0]!;
const session = (id: unknown) => daemon.call('session', { id });
const used = (s: Table) => Number(s.up_bytes) + Number(s.down_bytes);
const said = (text: string) => daemon.log().split(text).length - 1;

async function buy(): Promise<Table> {
  keys += 1;
  const payment = { method: 'cash', reference: 'system test' };
  const order = { mac: one().mac, plan: 'data', steps: 100, payment, idempotency_key: `k${keys}` };
  return daemon.call('purchase', order);
}

/** Somebody who has asked, and waits. */
async function asking(path: string): Promise<Socket> {
  const socket = createConnection(path);
  await once(socket, 'connect');
  socket.on('error', () => {});
  await new Promise((resolve) => socket.write('json\n', resolve));
  return socket;
}

for (const portal of portals()) {
  const test = suite(portal.title);
  test.before(async () => {
    rig = await startRig({ clients: 1, portal });
    daemon = await startProcess(shop(rig.socket, ["poll_max '500ms'"], portal.dialect.name));
  });

  test.after(async () => {
    await daemon?.close();
    await rig?.stop();
  });

  test('killed: its gates stay, its socket is stale; started again, the paid client is let in and counted on', async () => {
    await one().register();
    const sold = await buy();
    await one().download(5_000_000);
    await until('counted', async () => used(await session(sold.id)) > 5_000_000);
    const before = used(await session(sold.id));
    await rig.killPortal();
    await until('down', async () => (await gateway()).state === 'down');
    assert.is((await session(sold.id)).state, 'suspended');
    assert.is(said('portal is down'), 1);
    await rig.startPortal();
    await until('up', async () => (await gateway()).state === 'up');
    await until('let in again', async () => (await one().visit()) === 200);
    await one().download(5_000_000);
    await until('counted on', async () => used(await session(sold.id)) > before + 5_000_000);
    assert.ok(used(await session(sold.id)) < 12_000_000);
    await daemon.call('close', { id: sold.id });
  });

  test('made to lag by somebody who asks four things at once: told, counted on, and the gate turns', async () => {
    await one().register();
    const sold = await buy();
    // All come in one event, of which the portal takes one. Beside them turnpike has room in its queue of six.
    await rig.freezePortal();
    const strangers = await Promise.all(Array.from({ length: 4 }, () => asking(rig.socket)));
    rig.thawPortal();
    await one().download(3_000_000);
    await until('counted', async () => used(await session(sold.id)) > 3_000_000);
    for (const socket of strangers) socket.destroy();
    const { lag, failed_polls } = await until('told', async () => {
      const told = await gateway();
      return told.state === 'lagging' && told;
    });
    console.log(`  a lag of ${lag}, ${failed_polls} failed polls`);
    assert.ok(Number(lag) > 0 && Number(lag) < 6);
    const closed = await daemon.call('close', { id: sold.id });
    await until('closed', async () => (await session(closed.id)).state === 'terminated');
    await until('the gate is shut', async () => (await one().visit()) === 307);
    await rig.restartPortal();
    await until('a restart mends it', async () => (await gateway()).state === 'up');
  });

  test('opened behind our back a moment before: No is a success', async () => {
    await rig.restartPortal();
    await one().register();
    await until('up', async () => (await gateway()).state === 'up');
    const [sold] = await Promise.all([buy(), ask(rig.socket, `auth ${one().mac}`).catch(() => '')]);
    await until('active', async () => (await session(sold.id)).state === 'active');
    await until('let in', async () => (await one().visit()) === 200);
    await daemon.call('close', { id: sold.id });
  });

  test.run();
}
