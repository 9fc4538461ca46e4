// From openNDS to turnpike's own gate and back, by a reload: a session goes on, and is billed what crossed.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type DaemonProcess, shop, startProcess } from '../rig/daemon.js';
import { until } from '../rig/until.js';
import type { Client } from './rig/client.js';
import { ownShop, pagePort } from './rig/own-shop.js';
import { type Rig, startRig } from './rig/rig.js';

let rig: Rig;
let daemon: DaemonProcess;

/** Octets that crossed while something was done with the gate open. The portal's redirects cross nothing. */
async function crossing(client: Client, act: () => Promise<void>): Promise<number> {
  const before = await client.counters();
  await act();
  const after = await client.counters();
  return after.up + after.down - before.up - before.down;
}

async function takeOver(sections: string): Promise<void> {
  daemon.configure(sections);
  assert.equal(await daemon.call('reload'), { applied: true });
}

test.before(async () => {
  rig = await startRig({ clients: 1, ipv6: true });
  const options = { nft: '/usr/sbin/nft', page: pagePort, network: rig.gateway.pid };
  daemon = await startProcess(shop(rig.socket, [], 'opennds'), options);
});

test.after(async () => {
  await daemon?.close();
  await rig?.stop();
});

test('a session goes on at our own gate when openNDS is given up, and at openNDS again, and what crossed is billed', async () => {
  const phone = rig.clients[0]!;
  await phone.register();
  const payment = { method: 'cash', reference: 'system test' };
  const order = { mac: phone.mac, plan: 'data', steps: 100, payment, idempotency_key: 'k' };
  const { id } = await daemon.call('purchase', order);
  const session = () => daemon.call('session', { id });
  const become = (state: string) =>
    until(
      state,
      async () => (await session()).state === state,
      () => daemon.log(),
    );
  const load = async (ipv6 = false) =>
    assert.ok((await phone.download(3_000_000, { ipv6 })).ok, daemon.log());
  await become('active');
  let crossed = await crossing(phone, () => load());

  await takeOver(ownShop());
  await rig.stopPortal();
  await become('active');
  crossed += await crossing(phone, async () => {
    await load();
    await load(true);
  });

  await rig.startPortal();
  await takeOver(shop(rig.socket, [], 'opennds'));
  let status = 0;
  const isThrough = async () => {
    status = await phone.visit();
    return status === 200;
  };
  await until('let in by openNDS', isThrough, () => `${status} ${daemon.log()}`);
  crossed += await crossing(phone, () => load());

  await daemon.call('close', { id });
  await become('terminated');
  const { up_bytes, down_bytes } = await session();
  const billed = Number(up_bytes) + Number(down_bytes);
  console.log(`  ${crossed} bytes crossed, ${billed} billed`);
  assert.ok(crossed > 12_000_000, String(crossed));
  assert.ok(Math.abs(billed - crossed) <= crossed * 0.005, `${billed} billed, ${crossed} crossed`);
});

test.run();
