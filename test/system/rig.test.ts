// The rig itself, before anything of turnpike runs on it.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { opennds } from '../../src/portals/opennds/dialect.js';
import type { Client } from './rig/client.js';
import { ask, openByHand, programOf } from './rig/portal.js';
import { portals } from './rig/portals.js';
import { type Rig, startRig } from './rig/rig.js';

let rig: Rig;

async function admit(client: Client): Promise<void> {
  await client.register();
  await openByHand(rig.socket, client.mac);
}

/** Octets by the portal's account, which is in its units. */
async function counted({ mac }: Client): Promise<{ up: number; down: number }> {
  const { keys, bytesPerUnit } = programOf(rig.kind).dialect;
  const reply = JSON.parse(await ask(rig.socket, `json ${mac}`)) as Record<string, string>;
  return { up: Number(reply[keys.up]) * bytesPerUnit, down: Number(reply[keys.down]) * bytesPerUnit };
}

for (const portal of portals()) {
  const test = suite(portal.title);
  test.before(async () => {
    rig = await startRig({ portal });
  });

  test.after(() => rig?.stop());

  test('a client that was not let in gets nothing from beyond the gateway', async () => {
    const [client] = rig.clients as [Client];
    await client.register();
    assert.equal(await client.download(10_000), { bytes: 0, ok: false });
    assert.equal(await client.upload(10_000), { bytes: 0, ok: false });
  });

  test('auth opens the gate, and the portal counts what crosses within 1%', async () => {
    const [client] = rig.clients as [Client];
    await admit(client);
    const before = await client.counters();
    assert.equal(await client.download(8_000_000), { bytes: 8_000_000, ok: true });
    assert.equal(await client.upload(2_000_000), { bytes: 2_000_000, ok: true });
    const after = await client.counters();
    const portal = await counted(client);
    for (const way of ['up', 'down'] as const) {
      const crossed = after[way] - before[way];
      assert.ok(
        Math.abs(portal[way] / crossed - 1) < 0.01,
        `${way}: ${portal[way]} counted, ${crossed} crossed`,
      );
    }
    // A header of 52 octets on at most 1448: nothing crosses in larger pieces than on a real link.
    assert.ok(after.down - before.down > 8_000_000 * (1 + 52 / 1448));
  });

  test('a download keeps to its rate', async () => {
    const [client] = rig.clients as [Client];
    const began = performance.now();
    await client.download(500_000, { ratePerSecond: 1_000_000 });
    assert.ok(performance.now() - began > 450);
  });

  test('deauth stops a running download and any other', async () => {
    const [client] = rig.clients as [Client];
    let closing: Promise<string> | undefined;
    const cut = await client.download(50_000_000, {
      ratePerSecond: 1_000_000,
      onProgress: (bytes) => {
        if (bytes > 200_000) closing ??= ask(rig.socket, `deauth ${client.mac}`);
      },
    });
    assert.is(await closing, 'Yes');
    assert.ok(!cut.ok && cut.bytes < 10_000_000, `${cut.bytes} octets came`);
    assert.equal(await client.download(10_000), { bytes: 0, ok: false });
  });

  test('the clients have each a gate and an account of their own', async () => {
    const [first, second] = rig.clients as [Client, Client];
    await admit(second);
    await first.register();
    const [open, shut] = await Promise.all([second.download(3_000_000), first.download(3_000_000)]);
    assert.equal([open.ok, shut.ok], [true, false]);
    await openByHand(rig.socket, first.mac);
    const idle = await counted(second);
    await first.download(3_000_000);
    assert.equal(await counted(second), idle);
    await ask(rig.socket, `deauth ${first.mac}`);
    assert.ok((await second.download(10_000)).ok);
  });

  test('a transfer that is given up tells what came until then', async () => {
    const [, client] = rig.clients as [Client, Client];
    const given = new AbortController();
    const part = await client.download(5_000_000, {
      ratePerSecond: 200_000,
      signal: given.signal,
      onProgress: (bytes) => bytes > 50_000 && given.abort(),
    });
    assert.ok(!part.ok && part.bytes > 50_000 && part.bytes < 1_000_000, `${part.bytes} octets came`);
  });

  // What nodogsplash comes back with is in nodogsplash.test.ts.
  const forgetful = portal.dialect === opennds ? test : () => {};
  forgetful('gates outlive a killed portal, and are shut when it has started again', async () => {
    const [, client] = rig.clients as [Client, Client];
    await rig.killPortal();
    assert.ok((await client.download(10_000)).ok);
    await rig.startPortal();
    assert.not.ok((await client.download(10_000)).ok);
    await openByHand(rig.socket, client.mac);
    await rig.restartPortal();
    assert.match(await ask(rig.socket, 'json'), '"client_list_length":"0"');
  });

  test.run();
}
